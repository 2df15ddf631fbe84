/**
 * The version is in place and is watched: the experiment's probation command must not fail for `seconds`.
 *
 * A command that ends well before the time is over is run again, at most once a second; one that still runs then has held,
 * and is ended. After a crash the time begins again.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type BoundedOutcome, runBounded } from "@kloros/bounded-process";
import { checkVersion, endingSentence, fillCommand, readCurrentLink, stderrTail } from "@kloros/experiments";
import { failed, type FailedStep, type Job, type Outcome } from "../decide.ts";
import { deploymentFolder, runLabel, type StepContext } from "../workplace.ts";
import { type Deployment, openDeployment } from "./open-deployment.ts";
import { told } from "./told.ts";
import { commonPlaceholders } from "./placeholders.ts";
import { cleanFolder } from "./scratch.ts";

/** From the beginning of one run to that of the next, at least: a check of some milliseconds shall not eat a core. */
const PAUSE_MS = 1_000;
/** What a run gets beyond the end of the probation before it counts as hung; it is ended by then. */
const GRACE_MS = 10_000;

export async function probation(job: Job, context: StepContext): Promise<Outcome> {
  const deployment = await openDeployment(job, context);
  if (deployment.kind === "failed") return deployment;
  const { experiment } = deployment;
  if (experiment.probation !== null) {
    const failure = await watch(job, deployment, experiment.probation, context);
    if (failure !== null) return failure;
  }
  return (await changed(job, deployment)) ?? { kind: "done" };
}

async function watch(
  job: Job,
  { experiment, paths, winner }: Deployment,
  { command, seconds }: { readonly command: readonly string[]; readonly seconds: number },
  context: StepContext,
): Promise<FailedStep | null> {
  const { home, stopping } = context;
  const folder = join(deploymentFolder(home, job), "probation");
  await cleanFolder(folder);
  const version = paths.version(job.cycle_id);
  const artifact = join(version, winner.artifact.file);
  const words = fillCommand(command, {
    ...commonPlaceholders(context, job),
    artifact,
    work: folder,
    version,
    current: paths.current,
  });
  const endsAt = performance.now() + seconds * 1_000;
  const timeIsOver = new AbortController();
  const timer = setTimeout(() => timeIsOver.abort(), seconds * 1_000);
  try {
    for (let runs = 1; ; runs++) {
      const startedAt = performance.now();
      const outcome = await runBounded({
        command: words,
        cwd: folder,
        env: { KLOROS_ARTIFACT: artifact, KLOROS_WORK: folder },
        stdin: JSON.stringify(winner.params),
        timeoutMs: endsAt - startedAt + GRACE_MS,
        memoryBytes: experiment.evaluator.limits.memory_bytes,
        outputBytes: experiment.evaluator.limits.output_bytes,
        signal: AbortSignal.any([stopping, timeIsOver.signal]),
        label: runLabel(home, job),
      });
      stopping.throwIfAborted();
      if (outcome.kind !== "aborted" && !(outcome.kind === "exited" && outcome.code === 0))
        return fell(outcome, runs, command, seconds);
      const nextAt = startedAt + PAUSE_MS;
      if (nextAt >= endsAt) {
        await sleep(Math.max(0, endsAt - performance.now()), undefined, { signal: stopping });
        return null;
      }
      await sleep(Math.max(0, nextAt - performance.now()), undefined, { signal: stopping });
    }
  } finally {
    clearTimeout(timer);
    await rm(folder, { recursive: true, force: true });
  }
}

function fell(
  outcome: BoundedOutcome,
  runs: number,
  command: readonly string[],
  seconds: number,
): FailedStep {
  const tail = stderrTail(outcome.stderr || outcome.stdout);
  return failed(
    "ProbationFailed",
    `${endingSentence("the probation command", outcome)} in its run ${String(runs)} of a probation of ${String(seconds)} s${tail === "" ? "" : `: ${tail}`}`,
    { command, runs, ...told(outcome) },
  );
}

/** Whether somebody, the command perhaps, has laid hands on what is in place. */
async function changed(job: Job, { paths }: Deployment): Promise<FailedStep | null> {
  const link = await readCurrentLink(paths);
  if (link.kind === "broken") return failed("CurrentChanged", `during the probation: ${link.problem}`);
  if (link.kind === "none" || link.version_id !== job.cycle_id)
    return failed(
      "CurrentChanged",
      `${paths.current} was switched away from ${job.cycle_id} during its probation`,
    );
  const version = await checkVersion(paths, job.cycle_id);
  return version.kind === "intact"
    ? null
    : failed(
        "ProbationFailed",
        version.kind === "damaged" ? version.problem : `${paths.version(job.cycle_id)} has vanished`,
      );
}
