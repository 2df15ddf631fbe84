/**
 * What one daemon's unit may write, in absolute paths. Everything else is read-only (`ProtectSystem=strict`).
 *
 * A file that is replaced by rename needs its folder writable; `.` is the home's own folder, and makes all other
 * folders in it read-only again. A file that is only appended to is opened singly and must exist (tmpfiles.d).
 */
import type { DaemonInfo } from "@kloros/bus";
import type { Places } from "./places.ts";

/** What every daemon writes: its sockets and locks, and dead letters. */
const SHARED = ["run", "archive"] as const;
export const DEAD_LETTERS = "failed_signals.jsonl";
/** Top folders of a home, for those who may write the home itself. */
const TOP_FOLDERS = [
  "archive",
  "checkpoints",
  "deployed",
  "dream_lab",
  "intents",
  "journal",
  "keys",
  "run",
] as const;

export interface FileAccess {
  readonly readWrite: readonly string[];
  /** Inside of what is writable. */
  readonly readOnly: readonly string[];
}

export function fileAccess(
  daemon: Pick<DaemonInfo, "name" | "writes">,
  { home, workspace }: Places,
): FileAccess {
  const own = [...SHARED, `journal/${daemon.name}`, `checkpoints/${daemon.name}`];
  const writes = daemon.writes ?? [];
  const inHome = [...own, ...writes.filter((path) => path !== "." && path !== "workspace")];
  const optional = writes.includes("workspace") ? [`-${workspace}`] : []; // It need not exist.
  if (!writes.includes(".")) {
    const paths = [...inHome, DEAD_LETTERS].map((path) => `${home}/${path}`);
    return { readWrite: [...paths, ...optional], readOnly: [] };
  }
  const closed = TOP_FOLDERS.filter((folder) => !inHome.includes(folder));
  const reopened = inHome.filter((path) => closed.some((folder) => path.startsWith(`${folder}/`)));
  return {
    readWrite: [home, ...reopened.map((path) => `${home}/${path}`), ...optional],
    readOnly: closed.map((folder) => `${home}/${folder}`),
  };
}
