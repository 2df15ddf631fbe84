/**
 * The first step: takes the snapshot that the whole cycle goes by, `cycle.json`. One that is there already stays what it is:
 * the step was done before a crash, and neither `dream.yaml` nor what is deployed may change a cycle that runs.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { writeFileAtomic } from "@kloros/bus";
import {
  canonicalParams,
  cyclePaths,
  type CyclePromotion,
  type CycleRecord,
  type DreamFile,
  encodeCycle,
  type Experiment,
  paramsProblems,
  parseCycle,
  readCurrentVersion,
} from "@kloros/experiments";
import type { CycleState } from "../decide/cycle-state.ts";
import { failed } from "../decide/outcome.ts";
import { planOf } from "../decide/plan.ts";
import { readPromotions } from "../promotions/read-promotions.ts";
import { chosenExperiment } from "./chosen-experiment.ts";
import { CycleFileError } from "./obstacle.ts";
import type { StepInput, StepReport, Workshop } from "./step.ts";

/** Of a seed. */
const SEED_RANGE = 2 ** 31;

export async function prepare(shop: Workshop, { state }: StepInput): Promise<StepReport> {
  const existing = await readSnapshot(shop.home, state.cycle_id);
  if (existing !== null) return { event: { kind: "prepared", plan: planOf(existing) } };
  const choice = await chosenExperiment(shop.home, state.trigger);
  if (choice.kind === "refused")
    return { event: { kind: "broke", phase: "preparing", failure: choice.failure } };
  if (choice.experiment.name !== state.experiment) {
    const message = `dream_lab/dream.yaml was changed: the trigger meant ${state.experiment}, now it means ${choice.experiment.name}`;
    return { event: { kind: "broke", phase: "preparing", failure: failed("NoExperiment", message, true) } };
  }
  const record = await snapshot(shop, state, choice.experiment, choice.file);
  const paths = cyclePaths(shop.home, state.cycle_id);
  await mkdir(dirname(paths.candidates("g000")), { recursive: true, mode: 0o700 });
  await writeFileAtomic(paths.cycle, encodeCycle(record));
  return { event: { kind: "prepared", plan: planOf(record) } };
}

/** The cycle's snapshot; null: there is none. @throws {CycleFileError} it is damaged */
export async function readSnapshot(home: string, cycleId: string): Promise<CycleRecord | null> {
  const { cycle } = cyclePaths(home, cycleId);
  const text = await readFile(cycle, "utf8").catch((cause: unknown) => {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    throw cause;
  });
  if (text === null) return null;
  const record = parseCycle(text);
  if (record === null) throw new CycleFileError(`${cycle} is damaged; restore it, or cancel the cycle`);
  return record;
}

async function snapshot(
  shop: Workshop,
  state: CycleState,
  experiment: Experiment,
  { run, mutators }: DreamFile,
): Promise<CycleRecord> {
  const { trigger } = state;
  const topics = [experiment.name, ...experiment.topics];
  const promotions = await readPromotions(
    shop,
    trigger.promotions,
    (topic) => topic === null || trigger.topic === null || topic === trigger.topic || topics.includes(topic),
  );
  tellMisfits(shop, experiment, promotions);
  return {
    schema: "kloros.cycle/1",
    cycle_id: state.cycle_id,
    experiment,
    topic: trigger.topic,
    trigger_id: trigger.trigger_id,
    correlation_id: trigger.correlation_id,
    attempt: trigger.attempt,
    seed: seedOf(run.seed, experiment.name, state.ordinal),
    run,
    mutators,
    promotions,
    incumbent: await incumbentOf(shop.home, experiment),
    started_at: state.started_at,
  };
}

/** Such a promotion still asked for the cycle, which uses it up; only its point is not tried. */
function tellMisfits(
  { log }: Workshop,
  { name, search_space }: Experiment,
  promotions: readonly CyclePromotion[],
): void {
  for (const { file, params } of promotions) {
    if (params === null) continue;
    const problems = paramsProblems(search_space, canonicalParams(search_space, params));
    if (problems.length > 0)
      log.warn({ file, experiment: name, problems }, "Promotion's parameters do not fit, not tried");
  }
}

/** The first cycle of an experiment draws the same lots everywhere; each further one looks elsewhere. */
function seedOf(seed: number, experiment: string, ordinal: number): number {
  const hash = createHash("sha256")
    .update(JSON.stringify([seed, experiment, ordinal]))
    .digest();
  return hash.readUInt32BE(0) % SEED_RANGE;
}

async function incumbentOf(home: string, { name, baseline }: Experiment): Promise<CycleRecord["incumbent"]> {
  const { version_id = null, params = baseline } = (await readCurrentVersion(home, name)) ?? {};
  return params === null ? null : { version_id, params };
}
