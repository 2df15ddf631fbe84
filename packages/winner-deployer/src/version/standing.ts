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
  | { readonly kind: "elsewhere" };

export async function standingOf(paths: DeployedPaths, versionId: string): Promise<InPlace> {
  const link = await readCurrentLink(paths);
  if (link.kind !== "version" || link.version_id !== versionId) return { kind: "elsewhere" };
  const history = await readHistory(paths);
  if (lastPlacing(history, versionId) === undefined) return { kind: "unproven" };
  const previous = versionBefore(history, versionId) ?? null;
  const version = await checkVersion(paths, versionId);
  const record = version.kind === "missing" ? null : version.record;
  return {
    kind: "deployed",
    winner_id: record?.winner_id ?? null,
    result: {
      kind: "deployed",
      previous_version_id: previous,
      fitness: record?.fitness ?? null,
      rollback_available: previous !== null && (await checkVersion(paths, previous)).kind === "intact",
    },
  };
}
