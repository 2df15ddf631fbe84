/**
 * Whether a winner, measured anew against what runs, may take its place. Pure.
 *
 * The rule: the median must be better by more than `min_improvement`, and the measurements must not show it to be worse.
 * That it is better beyond chance was the cycle's to show, at `max_p_value`. Asking for the same significance here would
 * square the chance of missing a real, small improvement (and refuse half of them); asking for nothing would let a winner
 * through that was lucky once. Equal fitness is no reason to change what runs.
 */
import { compareFitness, type Experiment, median } from "@kloros/experiments";
import { failed, type FailedStep } from "./failures.ts";
import type { Measured } from "./job.ts";

export function accept(
  measured: Measured,
  experiment: Pick<Experiment, "acceptance" | "metrics">,
): { readonly kind: "done" } | FailedStep {
  const winner = [...measured.winner];
  const running = measured.running.filter((fitness) => fitness !== null);
  // Nothing runs, or what runs cannot be measured any more: a winner that can be is better.
  if (running.length === 0) return { kind: "done" };
  const direction = experiment.metrics.target_direction;
  const { max_p_value, min_improvement } = experiment.acceptance;
  const { improvement } = compareFitness(winner, running, direction);
  const worse = compareFitness(running, winner, direction);
  if (improvement > min_improvement && !(worse.improvement > 0 && worse.p_value <= max_p_value))
    return { kind: "done" };
  const was = improvement < 0 ? "worse than" : "not better than";
  return failed(
    "WorseThanDeployed",
    `measured again, the winner is ${was} what runs: median ${show(middle(winner))} against ${show(middle(running))} ` +
      `(${direction} is better; an improvement of more than ${show(min_improvement)} is needed, ${String(winner.length)} measurements each)`,
    { winner, running: measured.running, improvement, direction },
  );
}

/** The median; null of nothing. */
export function middle(values: readonly number[]): number | null {
  return values.length === 0 ? null : median(values);
}

function show(value: number | null): string {
  return value === null ? "nothing" : String(Number(value.toPrecision(6)));
}
