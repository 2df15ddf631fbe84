/**
 * The winner and what runs are measured anew, in turns, each on a copy of its artifact: first the one begins, then the
 * other, so that a machine that warms up or slows down favours neither. Both sides of a pair get the same seed, which the
 * search has not used.
 */
import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { measureOnce, type Measurement } from "@kloros/experiments";
import { accept, failed, type FailedStep, type Job, type Measured, type Outcome } from "../decide.ts";
import { stagingFolder } from "../version/staging.ts";
import { deploymentFolder, runLabel, type StepContext } from "../workplace.ts";
import { type Deployment, openDeployment } from "./open-deployment.ts";
import { commonPlaceholders } from "./placeholders.ts";
import { prepareRunning } from "./running-side.ts";
import { cleanFolder, copyInto } from "./scratch.ts";
import type { Side } from "./side.ts";

type Name = "winner" | "running";

export async function measure(job: Job, context: StepContext): Promise<Outcome> {
  return context.measuring.take(context.stopping, async () => {
    const deployment = await openDeployment(job, context);
    if (deployment.kind === "failed") return deployment;
    const folder = join(deploymentFolder(context.home, job), "measure");
    try {
      return await measureIn(folder, job, deployment, context);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

async function measureIn(
  folder: string,
  job: Job,
  deployment: Deployment,
  context: StepContext,
): Promise<Outcome> {
  const { experiment, paths, winner } = deployment;
  await cleanFolder(folder);
  const sides = {
    winner: {
      params: winner.params,
      artifact: await copyInto(
        join(folder, "winner"),
        stagingFolder(paths, job.cycle_id),
        winner.artifact.file,
      ),
    },
    running: await prepareRunning(join(folder, "running"), job, deployment, context),
  };
  let measured = job.measured;
  for (const { name, pair } of turns(experiment.acceptance.repeats, sides.running !== null)) {
    if (measured[name].length > pair) continue; // Before a crash.
    const measurement = await once(join(folder, "work"), sides[name], job, deployment, pair, context);
    if (measurement.kind === "failed" && name === "winner") return notMeasurable(measurement, pair);
    const fitness = measurement.kind === "ok" ? measurement.fitness : null;
    measured = withOne(measured, name, fitness);
    await context.saveMeasured(measured);
  }
  const verdict = accept(measured, experiment);
  return verdict.kind === "done" ? { kind: "done", measured } : verdict;
}

/** Winner, running, running, winner, winner, … */
function* turns(repeats: number, hasRunning: boolean): Generator<{ name: Name; pair: number }> {
  for (let pair = 0; pair < repeats; pair++) {
    const names: Name[] = pair % 2 === 0 ? ["winner", "running"] : ["running", "winner"];
    for (const name of names) if (name === "winner" || hasRunning) yield { name, pair };
  }
}

function withOne(measured: Measured, name: Name, fitness: number | null): Measured {
  if (name === "running") return { ...measured, running: [...measured.running, fitness] };
  return fitness === null ? measured : { ...measured, winner: [...measured.winner, fitness] };
}

async function once(
  work: string,
  side: Side | null,
  job: Job,
  { experiment }: Deployment,
  pair: number,
  context: StepContext,
): Promise<Measurement> {
  if (side === null) throw new Error("what does not run cannot be measured");
  await cleanFolder(work);
  const seed = seedOf(job, pair);
  const measurement = await measureOnce({
    evaluator: experiment.evaluator,
    params: side.params,
    artifactPath: side.artifact,
    workDir: work,
    placeholders: { ...commonPlaceholders(context, job), candidate_id: job.winner_id },
    seed,
    label: runLabel(context.home, job),
    signal: context.stopping,
  });
  context.stopping.throwIfAborted();
  return measurement;
}

/** 0 to 2^31-1; none that the search has drawn on. */
function seedOf({ cycle_id, attempt }: Job, pair: number): number {
  const hash = createHash("sha256").update(`deployment ${cycle_id} ${String(attempt)} ${String(pair)}`);
  return hash.digest().readUInt32BE(0) & 0x7fffffff;
}

function notMeasurable(measurement: Extract<Measurement, { kind: "failed" }>, pair: number): FailedStep {
  const { type, message, stderr_tail } = measurement;
  return failed(
    "MeasurementFailed",
    `measured again, the winner fails (${type}): ${message}${stderr_tail === "" ? "" : `: ${stderr_tail}`}`,
    { measurement: pair + 1, ...measurement },
  );
}
