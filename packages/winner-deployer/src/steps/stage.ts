/** First step: looks at what runs, and brings a checked copy of the artifact into `versions/.staging-<id>`. */
import { checkVersion, readCurrentLink, treeSha256 } from "@kloros/experiments";
import { type Before, failed, type FailedStep, type Job, type Outcome } from "../decide.ts";
import { removeLeftovers, stageArtifact } from "../version/staging.ts";
import { standingOf } from "../version/standing.ts";
import type { StepContext } from "../workplace.ts";
import { type Deployment, openDeployment } from "./open-deployment.ts";

export async function stage(job: Job, context: StepContext): Promise<Outcome> {
  const deployment = await openDeployment(job, context);
  if (deployment.kind === "failed") return deployment;
  const { paths, winner, artifact } = deployment;
  const inPlace = await standingOf(paths, winner.cycle_id);
  if (inPlace.kind === "deployed") return { kind: "ended", result: inPlace.result }; // Forgotten, or asked for twice.
  if (inPlace.kind === "unproven")
    return failed(
      "CurrentBroken",
      `${paths.current} leads to this very version, though no deployment of it has ended well; put another in place first: kloros deployments rollback ${winner.experiment} --to <version>`,
    );
  if (inPlace.kind === "damaged")
    return failed(
      "VersionDamaged",
      `${inPlace.problem}, and it is in place; put another there first (kloros deployments rollback ${winner.experiment}), move ${paths.version(winner.cycle_id)} away, and ask again`,
    );
  const found = await lookAt(deployment);
  if (found.kind === "failed") return found;
  await removeLeftovers(paths);
  const sha256 = await stageArtifact(paths, winner.cycle_id, artifact, winner.artifact.file);
  if (sha256 !== winner.artifact.sha256)
    return failed(
      "ArtifactMismatch",
      `${artifact} is not what the cycle measured: its SHA-256 is ${sha256}, the winner's record says ${winner.artifact.sha256}; run the cycle again`,
    );
  return { kind: "done", learned: { winner_id: winner.winner_id, before: found.before } };
}

async function lookAt({
  paths,
  winner,
}: Deployment): Promise<{ readonly kind: "found"; readonly before: Before } | FailedStep> {
  const link = await readCurrentLink(paths);
  if (link.kind === "broken") return failed("CurrentBroken", `${link.problem}; nothing was touched`);
  const existing = await checkVersion(paths, winner.cycle_id);
  if (existing.kind === "damaged")
    return failed(
      "VersionDamaged",
      `a version of this name is there and is not whole: ${existing.problem}; move ${paths.version(winner.cycle_id)} away`,
    );
  if (existing.kind === "intact" && existing.record.files[winner.artifact.file] !== winner.artifact.sha256)
    return failed(
      "ArtifactMismatch",
      `${paths.version(winner.cycle_id)} exists and holds another artifact than the winner's; move it away`,
    );
  const version_existed = existing.kind === "intact";
  if (link.kind === "none")
    return {
      kind: "found",
      before: { version_id: null, tree_sha256: null, is_intact: true, version_existed },
    };
  const { version_id } = link;
  const is_intact = (await checkVersion(paths, version_id)).kind === "intact";
  const tree_sha256 = await treeSha256(paths.version(version_id));
  return { kind: "found", before: { version_id, tree_sha256, is_intact, version_existed } };
}
