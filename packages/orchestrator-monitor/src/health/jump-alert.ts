/** The alert about a clock that was set. Pure. */
import type { Facts } from "@kloros/bus";
import { spanWords } from "./units.ts";

/** @param jumpMs negative: the clock was set back */
export function jumpAlert(jumpMs: number): Facts<"Q_HEALTH_ALERT"> {
  const direction = jumpMs < 0 ? "back" : "forward";
  const span = spanWords(Math.abs(jumpMs));
  return {
    alert_type: "clock_jumped",
    severity: "warning",
    metric_value: `${span} ${direction}`,
    threshold: "setting clock_jump",
    recommended_action: "check_the_time_source",
    subject: "machine",
    message: `The wall clock was set ${direction} by ${span}; waits and deadlines are measured on clocks that did not move`,
    details: { jump_ms: Math.round(jumpMs), direction },
  };
}
