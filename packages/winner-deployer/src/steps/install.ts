/** The measured version gets its record and its place among the versions; then `current` is switched to it. */
import { join } from "node:path";
import { checkVersion, fileSha256, readCurrentLink, type VersionRecord } from "@kloros/experiments";
import { failed, type Job, middle, type Outcome } from "../decide.ts";
import { installStaged, stagingFolder } from "../version/staging.ts";
import { switchCurrent } from "../version/switch-current.ts";
import type { StepContext } from "../workplace.ts";
import { type Deployment, openDeployment } from "./open-deployment.ts";

const DONE = { kind: "done" } as const;

export async function install(job: Job, context: StepContext): Promise<Outcome> {
  const deployment = await openDeployment(job, context);
  if (deployment.kind === "failed") return deployment;
  const { paths, winner } = deployment;
  const { file, sha256 } = winner.artifact;
  const existing = await checkVersion(paths, job.cycle_id);
  if (existing.kind === "intact" && existing.record.files[file] === sha256) return DONE; // Before, or before a crash.
  if (existing.kind !== "missing")
    return failed("VersionDamaged", `${paths.version(job.cycle_id)} is there and is not what was measured`);
  const staged = join(stagingFolder(paths, job.cycle_id), file);
  const actual = await fileSha256(staged);
  if (actual !== sha256)
    return failed("ArtifactMismatch", `${staged} was changed after it was staged: its SHA-256 is ${actual}`);
  await installStaged(paths, recordOf(job, deployment));
  return DONE;
}

function recordOf(job: Job, { winner }: Deployment): VersionRecord {
  return {
    schema: "kloros.version/1",
    version_id: job.cycle_id,
    experiment: winner.experiment,
    cycle_id: job.cycle_id,
    winner_id: winner.winner_id,
    params: winner.params,
    fitness: middle(job.measured.winner),
    previous_version_id: job.before?.version_id ?? null,
    files: { [winner.artifact.file]: winner.artifact.sha256 },
    created_at: new Date().toISOString(),
  };
}

/** `switch` is a word of the language. */
export async function switchOver(job: Job, context: StepContext): Promise<Outcome> {
  const deployment = await openDeployment(job, context);
  if (deployment.kind === "failed") return deployment;
  const { paths } = deployment;
  const link = await readCurrentLink(paths);
  if (link.kind === "broken") return failed("CurrentBroken", `${link.problem}; nothing was touched`);
  const inPlace = link.kind === "version" ? link.version_id : null;
  if (inPlace !== job.cycle_id && inPlace !== job.before?.version_id)
    return failed(
      "CurrentChanged",
      `${paths.current} was switched to ${inPlace ?? "nothing"} during the deployment, by somebody else; it stays so`,
    );
  await switchCurrent(paths, job.cycle_id);
  return DONE;
}
