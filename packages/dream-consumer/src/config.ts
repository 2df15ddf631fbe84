/** The settings of this daemon; what a cycle does stands in `dream_lab/dream.yaml`. */
import { defineSettings } from "@kloros/daemon";

export const settings = defineSettings({
  max_running: {
    type: "integer",
    default: 1,
    min: 1,
    max: 16,
    unit: "cycles",
    description: "Cycles that run at once, of different experiments.",
  },
  max_queued: {
    type: "integer",
    default: 32,
    min: 1,
    max: 1_000,
    unit: "triggers",
    description: "Triggers that may wait for their turn; further ones end as `QueueFull`.",
  },
  grace: {
    type: "duration",
    default: "5m",
    min: "100ms",
    max: "1h",
    description:
      "Time beyond a cycle's `wallclock_sec` for its final comparison and the answer to it; then the cycle ends as `OutOfTime`.",
  },
  remembered_triggers: {
    type: "integer",
    default: 10_000,
    min: 100,
    max: 1_000_000,
    unit: "triggers",
    description: "Triggers whose cycles are remembered, so that one that comes again starts nothing twice.",
  },
});

/** Values of the settings; time spans in milliseconds. */
export type Config = ReturnType<typeof settings.defaults>;
