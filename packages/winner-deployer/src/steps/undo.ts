/**
 * Takes back whatever a failed deployment has done, looking at what is there and not at how far it thought it was: so it
 * can be repeated, and be begun from any step.
 *
 * What ran before is in place again byte for byte, or the outcome says that it is not. Nothing that somebody else has put
 * there is touched.
 */
import { stat } from "node:fs/promises";
import {
  checkVersion,
  deployedPaths,
  type DeployedPaths,
  readCurrentLink,
  treeSha256,
} from "@kloros/experiments";
import type { Before, Failure, Job, Outcome } from "../decide.ts";
import { middle } from "../decide.ts";
import { discard } from "../version/discard.ts";
import { appendHistory } from "../version/history-file.ts";
import { removeLeftovers } from "../version/staging.ts";
import { switchCurrent } from "../version/switch-current.ts";
import type { StepContext } from "../workplace.ts";

export async function undo(job: Job, { home }: StepContext): Promise<Outcome> {
  const failure: Failure = job.failure ?? {
    error_type: "InternalError",
    error_message: "the deployment was given up without a reason",
  };
  const paths = deployedPaths(home, job.experiment);
  const problem = await restore(job, paths);
  const wasInPlace = job.failed_at === "switched" || job.failed_at === "proved";
  const told: Failure =
    problem !== null && wasInPlace
      ? {
          error_type: "RollbackIncomplete",
          error_message: `${problem} (after ${failure.error_type}: ${failure.error_message})`,
        }
      : failure;
  const rollback_completed = problem === null;
  if (await exists(paths.folder)) await remember(job, paths, told, wasInPlace, rollback_completed);
  return { kind: "ended", result: { kind: "failed", failure: told, rollback_completed } };
}

/** null: what ran before is in place. Otherwise why it is not. */
async function restore(job: Job, paths: DeployedPaths): Promise<string | null> {
  const { before, cycle_id } = job;
  const link = await readCurrentLink(paths);
  await removeLeftovers(paths);
  if (before === null) return link.kind === "broken" ? link.problem : null; // Nothing was done yet but a copy.
  let inPlace = link.kind === "version" ? link.version_id : null;
  let wasSwitched = job.failed_at === "switched" || job.failed_at === "proved";
  if (inPlace === cycle_id) {
    wasSwitched = true;
    if (before.version_id !== null && (await checkVersion(paths, before.version_id)).kind === "missing")
      return `${paths.version(before.version_id)} is gone; ${paths.current} stays at ${cycle_id} rather than leading nowhere`;
    await switchCurrent(paths, before.version_id);
    inPlace = before.version_id;
  }
  if (link.kind === "broken") return link.problem; // May lead into the version, who knows: all stays as it is.
  if (!before.version_existed) await discard(paths.version(cycle_id));
  if (inPlace !== before.version_id)
    return `${paths.current} leads to ${inPlace ?? "nothing"}, which somebody else has put there; before the deployment it was ${before.version_id ?? "nothing"}`;
  return damageOf(paths, before, wasSwitched);
}

/** Whether what is in place is, byte for byte, what was there before. What was damaged then was so without our doing. */
async function damageOf(paths: DeployedPaths, before: Before, wasSwitched: boolean): Promise<string | null> {
  if (before.version_id === null) return null;
  const state = await checkVersion(paths, before.version_id);
  if (state.kind === "damaged" && (wasSwitched || before.is_intact))
    return `${before.version_id} is in place and is damaged: ${state.problem}; restore it or roll back further`;
  if (state.kind === "missing" || (await treeSha256(paths.version(before.version_id))) !== before.tree_sha256)
    return `${before.version_id} is in place and is not what it was before the deployment: its files have changed`;
  return null;
}

async function remember(
  job: Job,
  paths: DeployedPaths,
  failure: Failure,
  wasInPlace: boolean,
  rollback_completed: boolean,
): Promise<void> {
  const event = wasInPlace ? "rolled_back" : "refused";
  await appendHistory(paths, {
    id: `${job.cycle_id}.${String(job.attempt)}.${event}`,
    at: new Date().toISOString(),
    event,
    version_id: job.cycle_id,
    previous_version_id: job.before?.version_id ?? null,
    cycle_id: job.cycle_id,
    winner_id: job.winner_id,
    fitness: middle(job.measured.winner),
    previous_fitness: middle(job.measured.running.filter((value) => value !== null)),
    error_type: failure.error_type,
    rollback_completed,
    reason: failure.error_message,
  });
}

/** The folder of an experiment that only a signal knows is not made for the sake of a refusal. */
async function exists(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    () => false,
  );
}
