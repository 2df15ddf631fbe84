/** Reads again, for each step, what the deployment is about: the winner, and the experiment as its cycle was started with. */
import { readFile, stat } from "node:fs/promises";
import {
  cyclePaths,
  type DeployedPaths,
  deployedPaths,
  type Experiment,
  parseCycle,
  type WinnerRecord,
} from "@kloros/experiments";
import { failed, type FailedStep, type Job } from "../decide.ts";
import { readWinner } from "../winner/read-winner.ts";
import type { Workplace } from "../workplace.ts";

/** A cycle's record holds one experiment and the names of its promotions. */
const MAX_CYCLE_BYTES = 16 * 1024 * 1024;

export interface Deployment {
  readonly kind: "deployment";
  readonly winner: WinnerRecord;
  /** Absolute path of the winner's artifact, inside `dream_lab/winners`. */
  readonly artifact: string;
  readonly experiment: Experiment;
  readonly paths: DeployedPaths;
}

export async function openDeployment(job: Job, place: Workplace): Promise<Deployment | FailedStep> {
  const { home, config } = place;
  const winner = await readWinner(
    { home, maxArtifactBytes: config.max_artifact_bytes },
    job.cycle_id,
    job.winner_path,
  );
  if (winner.kind === "failed") return winner;
  const { record } = winner;
  const experiment = await readExperiment(home, job.cycle_id);
  if ("kind" in experiment) return experiment;
  const named = [job.experiment, experiment.name];
  if (named.some((name) => name !== record.experiment))
    return failed(
      "WinnerMismatch",
      `the winner's record speaks of ${record.experiment}, the signal and the cycle of ${[...new Set(named)].join(" and ")}`,
    );
  const paths = deployedPaths(home, record.experiment);
  return { kind: "deployment", winner: record, artifact: winner.artifact, experiment, paths };
}

async function readExperiment(home: string, cycleId: string): Promise<Experiment | FailedStep> {
  const path = cyclePaths(home, cycleId).cycle;
  const unreadable = (why: string): FailedStep =>
    failed("CycleUnreadable", `${path} ${why}; without it nothing says how to validate the winner`);
  try {
    if ((await stat(path)).size > MAX_CYCLE_BYTES)
      return unreadable(`is larger than ${String(MAX_CYCLE_BYTES)} bytes`);
    const cycle = parseCycle(await readFile(path, "utf8"));
    if (cycle === null) return unreadable("is no record of a cycle");
    if (cycle.cycle_id !== cycleId) return unreadable(`is the record of ${cycle.cycle_id}`);
    return cycle.experiment;
  } catch (cause) {
    return unreadable(`cannot be read (${cause instanceof Error ? cause.message : String(cause)})`);
  }
}
