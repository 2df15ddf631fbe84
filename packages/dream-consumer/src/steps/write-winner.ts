/** The winner for the deployer: its artifact in a folder of its own, and then the record that names it. */
import { copyFile, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { syncDirectory, writeFileAtomic } from "@kloros/bus";
import {
  type CycleRecord,
  cyclePaths,
  encodeWinner,
  fileSha256,
  makeArtifact,
  winnerPath,
} from "@kloros/experiments";
import { type Failed, failed, type Won } from "../decide/outcome.ts";
import type { StepInput, Workshop } from "./step.ts";

/** Work folder of the artifact when it has to be made once more. */
const WORK = "winner";
const CHAMPION = "champion";

/** null: written. A failure: what was measured cannot be had again, so there is nothing to deploy. */
export async function writeWinner(
  shop: Workshop,
  input: StepInput,
  won: Won,
  record: CycleRecord,
): Promise<Failed | null> {
  const { state } = input;
  const { best } = state;
  if (best === null) return failed("ArtifactFailed", "the cycle has no best candidate");
  const { file } = record.experiment.artifact;
  const artifact = await measuredArtifact(shop, input, won, record);
  if (artifact.kind === "failed") return failed("ArtifactFailed", artifact.message);
  const folder = winnerFolder(shop.home, state.cycle_id);
  await rm(folder, { recursive: true, force: true }); // Half of it may be there from a life before.
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temp = join(folder, ".artifact.kloros-tmp");
  await copyFile(artifact.path, temp);
  await syncFile(temp);
  await rename(temp, join(folder, file));
  await syncDirectory(folder);
  const winner = encodeWinner({
    schema: "kloros.winner/1",
    cycle_id: state.cycle_id,
    experiment: state.experiment,
    winner_id: best.candidate_id,
    params: best.params,
    fitness: won.fitness,
    incumbent: state.incumbent && {
      ...state.incumbent,
      fitness: won.comparison?.incumbent_fitness ?? null,
    },
    improvement: won.comparison?.improvement ?? 0,
    p_value: won.comparison?.p_value ?? null,
    metrics: won.metrics,
    artifact: { file, sha256: artifact.sha256 },
    promotions: record.promotions.map((promotion) => promotion.file),
    created_at: state.ended?.at ?? state.started_at,
  });
  await writeFileAtomic(join(shop.home, winnerPath(state.cycle_id)), winner);
  return null;
}

/** A cycle that broke at the very end leaves no winner. */
export async function removeWinner(home: string, cycleId: string): Promise<void> {
  await rm(join(home, winnerPath(cycleId)), { force: true });
  await rm(winnerFolder(home, cycleId), { recursive: true, force: true });
}

/** Beginning of the label of all processes that this daemon has started for a home. */
export function artifactRuns(home: string): string {
  return `dream:${home}:`;
}

function winnerFolder(home: string, cycleId: string): string {
  return join(home, winnerPath(cycleId)).slice(0, -".json".length);
}

type Found =
  | { readonly kind: "found"; readonly path: string; readonly sha256: string }
  | { readonly kind: "failed"; readonly message: string };

/** The very file that was measured, if it is still there; else made once more, and it must come out the same. */
async function measuredArtifact(
  { home, workspace }: Workshop,
  { state, stopping }: StepInput,
  { artifact_sha256: measured }: Won,
  record: CycleRecord,
): Promise<Found> {
  const { artifact: spec, evaluator } = record.experiment;
  const paths = cyclePaths(home, state.cycle_id);
  const kept = join(paths.work(CHAMPION), spec.file);
  const sha256 = await fileSha256(kept).catch(() => null);
  if (sha256 !== null && sha256 === measured) return { kind: "found", path: kept, sha256 };
  const made = await makeArtifact({
    spec,
    params: state.best?.params ?? {},
    workDir: paths.work(WORK),
    home,
    workspace,
    seed: state.best?.seed ?? 0,
    candidateId: CHAMPION,
    cycleId: state.cycle_id,
    label: artifactRuns(home) + state.cycle_id,
    limits: evaluator.limits,
    signal: stopping,
  });
  if (made.kind === "failed") return { kind: "failed", message: `the winner's artifact: ${made.message}` };
  if (measured === null || made.sha256 === measured)
    return { kind: "found", path: made.path, sha256: made.sha256 };
  const message = `making the winner's artifact again gave another file (SHA-256 ${made.sha256}) than was measured (${measured}); the same parameters and seed must give the same artifact`;
  return { kind: "failed", message };
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
