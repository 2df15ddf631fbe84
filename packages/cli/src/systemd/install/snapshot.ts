/** What an installation is at one moment, so that it can be put back. */
import { currentRelease } from "../places.ts";
import { linkTarget, releasesIn, textOf, unitStates } from "./observe.ts";
import { type InstallationRecord, recordPath } from "./record.ts";
import type { Action } from "./step.ts";

export interface Snapshot {
  readonly prefix: string;
  readonly current: string | null;
  readonly releases: readonly string[];
  /** Text by path; null: not there. */
  readonly files: ReadonlyMap<string, string | null>;
  /** Units that ran. */
  readonly active: readonly string[];
}

export function takeSnapshot(prefix: string, record: InstallationRecord): Snapshot {
  const paths = [...record.files, recordPath(prefix)];
  return {
    prefix,
    current: linkTarget(currentRelease({ prefix })),
    releases: releasesIn(prefix),
    files: new Map(paths.map((path) => [path, textOf(path)])),
    active: [...unitStates(record.units)]
      .filter(([, { active }]) => active === "active")
      .map(([name]) => name),
  };
}

/** Puts all files back, removes those that `now` has besides, and points to the release of the snapshot. Pure. */
export function restoreActions(
  { prefix, current, files }: Snapshot,
  now: InstallationRecord,
): readonly Action[] {
  const added = now.files.filter((path) => !files.has(path));
  return [
    ...added.map((path): Action => ({ kind: "remove", path })),
    ...[...files].map(([path, text]): Action =>
      text === null
        ? { kind: "remove", path }
        : { kind: "write", path, text, mode: path.includes("/bin/") ? 0o755 : 0o644 },
    ),
    ...(current === null
      ? []
      : [{ kind: "link", path: currentRelease({ prefix }), target: current } as const]),
  ];
}
