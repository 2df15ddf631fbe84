/** What runs at present, ready to be measured: the version in place, else the experiment's baseline, else nothing. */
import { checkVersion, makeArtifact } from "@kloros/experiments";
import type { Job } from "../decide.ts";
import { runLabel, type StepContext } from "../workplace.ts";
import type { Deployment } from "./open-deployment.ts";
import { copyInto } from "./scratch.ts";
import type { Side } from "./side.ts";

/** null: nothing to compare with, also when what runs is damaged beyond use; then any winner that can be measured is better. */
export async function prepareRunning(
  folder: string,
  job: Job,
  deployment: Deployment,
  context: StepContext,
): Promise<Side | null> {
  const versionId = job.before?.version_id ?? null;
  return versionId === null
    ? baseline(folder, job, deployment, context)
    : deployed(folder, versionId, deployment, context);
}

async function deployed(
  folder: string,
  versionId: string,
  { paths }: Deployment,
  { log }: StepContext,
): Promise<Side | null> {
  const version = await checkVersion(paths, versionId);
  const record = version.kind === "missing" ? null : version.record;
  const [file] = Object.keys(record?.files ?? {});
  if (version.kind !== "intact" || record === null || file === undefined) {
    const problem = version.kind === "damaged" ? version.problem : "it has no artifact";
    log.warn({ version_id: versionId, problem }, "What runs is damaged and cannot be measured");
    return null;
  }
  return { params: record.params, artifact: await copyInto(folder, paths.version(versionId), file) };
}

async function baseline(
  folder: string,
  job: Job,
  { experiment }: Deployment,
  { home, workspace, stopping, log }: StepContext,
): Promise<Side | null> {
  if (experiment.baseline === null) return null;
  const made = await makeArtifact({
    spec: experiment.artifact,
    params: experiment.baseline,
    workDir: folder,
    home,
    workspace,
    seed: 0,
    candidateId: "baseline",
    cycleId: job.cycle_id,
    label: runLabel(home, job),
    limits: experiment.evaluator.limits,
    signal: stopping,
  });
  stopping.throwIfAborted();
  if (made.kind === "made") return { params: experiment.baseline, artifact: made.path };
  log.warn({ problem: made.message }, "The baseline's artifact cannot be made, so it cannot be measured");
  return null;
}
