/** Whether a version is rightfully in place: not only linked, but put there by a deployment that has ended well. */
import {
  checkVersion,
  type DeployedPaths,
  lastPlacing,
  readCurrentLink,
  readHistory,
  versionBefore,
} from "@kloros/experiments";
import type { Result } from "../decide.ts";

export type InPlace =
  | {
      readonly kind: "deployed";
      readonly winner_id: string | null;
      readonly result: Extract<Result, { kind: "deployed" }>;
    }
  /** `current` leads to it, and no deployment of it has ended well. */
  | { readonly kind: "unproven" }
  /** It was put there by a deployment that ended well, and is not what it was. */
  | { readonly kind: "damaged"; readonly problem: string }
  | { readonly kind: "elsewhere" };

export async function standingOf(paths: DeployedPaths, versionId: string): Promise<InPlace> {
  const link = await readCurrentLink(paths);
  if (link.kind !== "version" || link.version_id !== versionId) return { kind: "elsewhere" };
  const history = await readHistory(paths);
  if (lastPlacing(history, versionId) === undefined) return { kind: "unproven" };
  const previous = versionBefore(history, versionId) ?? null;
  const version = await checkVersion(paths, versionId);
  if (version.kind === "missing") return { kind: "elsewhere" };
  if (version.kind === "damaged") return { kind: "damaged", problem: version.problem };
  const { record } = version;
  return {
    kind: "deployed",
    winner_id: record.winner_id,
    result: {
      kind: "deployed",
      previous_version_id: previous,
      fitness: record.fitness,
      rollback_available: previous !== null && (await checkVersion(paths, previous)).kind === "intact",
    },
  };
}
