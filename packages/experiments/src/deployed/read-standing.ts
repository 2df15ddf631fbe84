/** How an experiment stands: what is in place, since when, what was before, what is kept. Reads files only, no daemon. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readCurrentLink } from "./current-link.ts";
import { deployedPaths } from "./deployed-paths.ts";
import { lastPlacing, readHistory, versionBefore } from "./deployment-history.ts";
import { checkVersion, versionIds, type VersionState } from "./version-folder.ts";

export interface Standing {
  readonly experiment: string;
  /** null: nothing is in place, or `problem` says what is wrong with `current`. */
  readonly current: {
    readonly version_id: string;
    readonly version: VersionState;
    /** When it was put in place, RFC 3339; null where the history does not say: it is on probation, or was put there by hand. */
    readonly since: string | null;
  } | null;
  readonly problem: string | null;
  /** What a rollback goes back to: null for nothing deployed, undefined where the history does not say. */
  readonly previous_version_id: string | null | undefined;
  /** Ids of all versions that are kept. */
  readonly versions: readonly string[];
}

/** Names of all experiments that ever had a deployment, in the order of the alphabet. */
export async function deployedExperiments(home: string): Promise<string[]> {
  const entries = await readdir(join(home, "deployed"), { withFileTypes: true }).catch(nothingIfMissing);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name)
    .sort();
}

/** @throws errors of the file system other than that something is missing */
export async function readStanding(home: string, experiment: string): Promise<Standing> {
  const paths = deployedPaths(home, experiment);
  const [link, history, versions] = [
    await readCurrentLink(paths),
    await readHistory(paths),
    await versionIds(paths),
  ];
  if (link.kind !== "version") {
    const problem = link.kind === "broken" ? link.problem : null;
    return { experiment, current: null, problem, previous_version_id: undefined, versions };
  }
  const { version_id } = link;
  const current = {
    version_id,
    version: await checkVersion(paths, version_id),
    since: lastPlacing(history, version_id)?.at ?? null,
  };
  return {
    experiment,
    current,
    problem: null,
    previous_version_id: versionBefore(history, version_id),
    versions,
  };
}

function nothingIfMissing(cause: unknown): [] {
  if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return [];
  throw cause;
}
