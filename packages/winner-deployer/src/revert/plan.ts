/** What a rollback would do, decided from what is there; nothing is changed. */
import {
  checkVersion,
  deployedExperiments,
  type DeployedPaths,
  deployedPaths,
  readCurrentLink,
  readHistory,
  versionBefore,
  versionIds,
} from "@kloros/experiments";
import { RollbackRefusedError } from "../errors.ts";
import type { RollbackWish } from "./wish.ts";

export interface RollbackPlan {
  readonly from: string;
  /** null: nothing is deployed afterwards, as before the first deployment. */
  readonly to: string | null;
}

/** @throws {RollbackRefusedError} why it cannot be done, and what can */
export async function planRollback(home: string, wish: RollbackWish): Promise<RollbackPlan> {
  const { experiment } = wish;
  const known = await deployedExperiments(home);
  if (!known.includes(experiment))
    throw new RollbackRefusedError(
      `nothing was ever deployed of ${experiment}${known.length === 0 ? "" : `; there are ${known.join(", ")}`}`,
    );
  const paths = deployedPaths(home, experiment);
  const link = await readCurrentLink(paths);
  if (link.kind === "broken") throw new RollbackRefusedError(link.problem);
  if (link.kind === "none") throw new RollbackRefusedError(await nothingInPlace(paths, experiment));
  const from = link.version_id;
  const to = wish.to ?? (await before(paths, from));
  if (to === from) throw new RollbackRefusedError(`${from} is in place already`);
  if (to !== null) await checkTarget(paths, to);
  return { from, to };
}

async function nothingInPlace(paths: DeployedPaths, experiment: string): Promise<string> {
  const ids = await versionIds(paths);
  const how = `to deploy one of ${ids.join(", ")}: chem-bus emit Q_DEPLOYMENT_REQUESTED '{"cycle_id": "${ids[0] ?? ""}", "reason": "…"}'`;
  return `${experiment} has no version in place, so there is nothing to take back${ids.length === 0 ? "" : `; ${how}`}`;
}

async function before(paths: DeployedPaths, from: string): Promise<string | null> {
  const previous = versionBefore(await readHistory(paths), from);
  if (previous !== undefined) return previous;
  throw new RollbackRefusedError(
    `the history does not say what was in place before ${from}; name a version with to: ${await choices(paths)}`,
  );
}

async function checkTarget(paths: DeployedPaths, to: string): Promise<void> {
  const version = await checkVersion(paths, to);
  if (version.kind === "missing")
    throw new RollbackRefusedError(`there is no version ${to} any more; there are ${await choices(paths)}`);
  if (version.kind === "damaged")
    throw new RollbackRefusedError(
      `${to} is damaged and is not put in place: ${version.problem}; there are ${await choices(paths)}`,
    );
}

async function choices(paths: DeployedPaths): Promise<string> {
  return (await versionIds(paths)).join(", ") || "none";
}
