/** The final comparison: whether the champion holds, and is better than what is in use. Pure. */
import { type CandidateResult, compareFitness, type Experiment } from "@kloros/experiments";
import { failed, type Incumbent, type Outcome } from "./outcome.ts";

/** Both sides' results; `ours` undefined: the tournament has none of the champion. */
export interface Sides {
  readonly ours: CandidateResult | undefined;
  readonly theirs: CandidateResult | undefined;
}

/** How many digits of a number a sentence shows. */
const DIGITS = 6;

export function weigh(
  { ours, theirs }: Sides,
  incumbent: Incumbent | null,
  experiment: Pick<Experiment, "acceptance" | "metrics">,
): Outcome {
  const { acceptance, metrics } = experiment;
  const champion = ours?.status === "ok" && Number.isFinite(ours.fitness) ? ours : null;
  // Who was not measured for want of time may be good or bad: nothing is said about either.
  if ([ours, theirs].some((side) => side?.error?.type === "OutOfTime"))
    return failed("OutOfTime", "the final comparison was not finished in the time that is left for it");
  if (champion === null) return championFailed({ ours, theirs }, incumbent);
  const won = {
    kind: "won" as const,
    fitness: champion.fitness,
    metrics: champion.metrics,
    artifact_sha256: champion.artifact_sha256,
  };
  // Nothing is in use, or what is in use does not even run: whatever works is better, by no amount that could be named.
  if (incumbent === null || theirs?.status !== "ok") return { ...won, comparison: null };
  const { improvement, p_value } = compareFitness(
    measurementsOf(champion),
    measurementsOf(theirs),
    metrics.target_direction,
  );
  const comparison = { incumbent_fitness: theirs.fitness, improvement, p_value };
  if (improvement > acceptance.min_improvement && p_value <= acceptance.max_p_value)
    return { ...won, comparison };
  const figures = `${short(champion.fitness)} against ${short(theirs.fitness)} of ${nameOf(incumbent)}`;
  const message = `the best candidate has ${figures}: ${reason(improvement, p_value, acceptance)}`;
  return { ...failed("NoImprovement", message), comparison };
}

function measurementsOf({
  fitness,
  measurements,
}: Extract<CandidateResult, { status: "ok" }>): readonly number[] {
  return measurements.length === 0 ? [fitness] : measurements;
}

function reason(
  improvement: number,
  p_value: number,
  { max_p_value, min_improvement }: Experiment["acceptance"],
): string {
  if (!(improvement > min_improvement))
    return `an improvement of ${short(improvement)} is not above min_improvement (${min_improvement})`;
  return `the improvement of ${short(improvement)} may be luck (p ${short(p_value)} is above ${max_p_value})`;
}

function championFailed({ ours, theirs }: Sides, incumbent: Incumbent | null): Outcome {
  const how = ours?.error ? `${ours.error.type}: ${ours.error.message}` : "it has no result";
  const message = `the best candidate failed when it was measured again (${how})`;
  const bothFailed = incumbent === null || theirs?.status !== "ok";
  return failed(bothFailed ? "AllCandidatesFailed" : "NoImprovement", message);
}

function nameOf({ version_id }: Incumbent): string {
  return version_id === null ? "the baseline" : `version ${version_id}`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(DIGITS)));
}
