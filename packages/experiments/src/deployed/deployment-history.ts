/**
 * `deployed/<experiment>/history.jsonl`: what became of each deployment, in the order in which it happened. The deployer
 * appends; everyone reads. Lines that are no records are passed over.
 */
import { readJsonLines } from "@kloros/bus";
import type { DeployedPaths } from "./deployed-paths.ts";

export interface HistoryLine {
  /** Makes a line unique: `<cycle_id>.<attempt>.<event>`. */
  readonly id: string;
  /** RFC 3339, UTC. For people: the order of the lines is what counts. */
  readonly at: string;
  /** `refused`: never in place. `rolled_back`: was in place, did not hold. `reverted`: an operator put another in place. */
  readonly event: "deployed" | "rolled_back" | "refused" | "reverted";
  /** The version that the line is about; of a revert, the one that is in place since, or null for none. */
  readonly version_id: string | null;
  /** In place before. */
  readonly previous_version_id: string | null;
  readonly cycle_id: string | null;
  readonly winner_id: string | null;
  /** As the deployer measured it. */
  readonly fitness: number | null;
  /** The same of what ran before. */
  readonly previous_fitness: number | null;
  readonly error_type: string | null;
  readonly rollback_completed: boolean | null;
  readonly reason: string;
}

const EVENTS: readonly unknown[] = ["deployed", "rolled_back", "refused", "reverted"];

/** All lines that are kept, oldest first. @throws {FileError} a file exists and cannot be read */
export async function readHistory(paths: DeployedPaths): Promise<HistoryLine[]> {
  const lines: HistoryLine[] = [];
  for (const file of [olderHistory(paths), paths.history])
    for await (const { value } of readJsonLines(file)) if (isHistoryLine(value)) lines.push(value);
  return lines;
}

/** The file that `history.jsonl` becomes when it has grown too long; one is kept. */
export function olderHistory(paths: DeployedPaths): string {
  return `${paths.history.slice(0, -".jsonl".length)}.1.jsonl`;
}

/** The line since which `versionId` is in place, or undefined. */
export function lastPlacing(
  lines: readonly HistoryLine[],
  versionId: string | null,
): HistoryLine | undefined {
  return lines.findLast(
    ({ event, version_id }) => (event === "deployed" || event === "reverted") && version_id === versionId,
  );
}

/**
 * The version that `versionId` took the place of when it was deployed: what a rollback goes back to, so that one rollback
 * after another leads further back. null: nothing was deployed then. undefined: the history does not say.
 */
export function versionBefore(lines: readonly HistoryLine[], versionId: string): string | null | undefined {
  return lines.findLast(({ event, version_id }) => event === "deployed" && version_id === versionId)
    ?.previous_version_id;
}

function isHistoryLine(value: unknown): value is HistoryLine {
  if (typeof value !== "object" || value === null) return false;
  const { id, event, version_id } = value as Partial<HistoryLine>;
  return (
    typeof id === "string" &&
    EVENTS.includes(event) &&
    (version_id === null || typeof version_id === "string")
  );
}
