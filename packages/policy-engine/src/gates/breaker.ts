/**
 * A breaker: after repeated failures nothing is begun for a while; then one attempt is let through, and its outcome decides.
 * It keeps no state of its own; everything follows from the history, so it cannot disagree with it after a restart. Pure.
 */
import type { Remembered } from "../cel/lookups.ts";
import type { Breaker } from "../rules/rule.ts";
import type { GateState, Past, World } from "./gate.ts";
import { spanWords } from "./words.ts";

export function checkBreaker(breaker: Breaker, rule: string, { clockMs }: World, past: Past): GateState {
  const isFailure = ({ facts }: Remembered): boolean =>
    !breaker.ignoring.includes(String(facts["error_type"]));
  const times = (names: readonly string[], counts: (end: Remembered) => boolean): number[] =>
    names
      .flatMap((name) =>
        past
          .history(name)
          .filter(counts)
          .map(({ ms }) => ms),
      )
      .sort((a, b) => a - b);
  const lastSuccess = times(breaker.success, () => true).at(-1) ?? -Infinity;
  const failures = times(breaker.on, isFailure).filter((ms) => ms > lastSuccess);
  const last = failures.at(-1);
  const isTripped =
    last !== undefined && failures.filter((ms) => ms > last - breaker.withinMs).length >= breaker.failures;
  const gate = "breaker";
  if (!isTripped)
    return {
      gate,
      open: true,
      reason: `${failures.length} failures since the last success`,
      opensInMs: null,
    };
  const probe = past.spawns(rule).findLast((ms) => ms > last && ms >= last + breaker.resetMs);
  const opensAt = (probe ?? last) + breaker.resetMs;
  const open = clockMs >= opensAt;
  const since = probe === undefined ? "the last failure" : "the attempt that was let through";
  return {
    gate,
    open,
    reason: open
      ? `half open: ${spanWords(breaker.resetMs)} without a failure, one attempt is let through`
      : `${failures.length} failures; closed until ${spanWords(breaker.resetMs)} after ${since}`,
    opensInMs: open ? null : opensAt - clockMs,
  };
}
