/** The version has held: it is written into the history, and old versions go. */
import { deployedPaths, readCurrentLink } from "@kloros/experiments";
import { failed, type Job, middle, type Outcome } from "../decide.ts";
import { appendHistory } from "../version/history-file.ts";
import { pruneVersions } from "../version/retention.ts";
import { removeLeftovers } from "../version/staging.ts";
import type { StepContext } from "../workplace.ts";

export async function conclude(job: Job, context: StepContext): Promise<Outcome> {
  const { home, log } = context;
  const paths = deployedPaths(home, job.experiment);
  const link = await readCurrentLink(paths);
  if (link.kind !== "version" || link.version_id !== job.cycle_id)
    return failed(
      "CurrentChanged",
      `${paths.current} no longer leads to ${job.cycle_id}; somebody has changed it`,
    );
  const previous = job.before?.version_id ?? null;
  const fitness = middle(job.measured.winner);
  await appendHistory(paths, {
    id: `${job.cycle_id}.${String(job.attempt)}.deployed`,
    at: new Date().toISOString(),
    event: "deployed",
    version_id: job.cycle_id,
    previous_version_id: previous,
    cycle_id: job.cycle_id,
    winner_id: job.winner_id,
    fitness,
    previous_fitness: middle(job.measured.running.filter((value) => value !== null)),
    error_type: null,
    rollback_completed: null,
    reason: "validated, measured better than what ran, and has passed its probation",
  });
  try {
    await removeLeftovers(paths, undefined);
    const pruned = await pruneVersions(home, paths);
    if (pruned.length > 0) log.info({ experiment: job.experiment, pruned }, "Old versions removed");
  } catch (err) {
    log.warn(
      { err, experiment: job.experiment },
      "Old versions could not be removed; the next deployment tries again",
    );
  }
  return {
    kind: "ended",
    result: {
      kind: "deployed",
      previous_version_id: previous,
      fitness,
      rollback_available: previous !== null && job.before?.is_intact === true,
    },
  };
}
