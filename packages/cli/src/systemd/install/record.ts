/**
 * `<prefix>/installation.json`: what an installation consists of, so that a later one keeps its places, removes what is
 * no longer part of it, and an uninstall leaves nothing.
 */
export interface InstallationRecord {
  readonly home: string;
  readonly workspace: string;
  readonly node: string;
  /** Files outside the prefix, as absolute paths. */
  readonly files: readonly string[];
  /** Names of the daemons' units. */
  readonly units: readonly string[];
  /** Folders that were not there before, deepest last. */
  readonly folders: readonly string[];
}

export function recordPath(prefix: string): string {
  return `${prefix}/installation.json`;
}

export function recordText(record: InstallationRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** null: none, or not one of ours. */
export function parseRecord(text: string | null): InstallationRecord | null {
  if (text === null) return null;
  try {
    const found = JSON.parse(text) as Partial<InstallationRecord>;
    const lists = [found.files, found.units, found.folders];
    const texts = [found.home, found.workspace, found.node];
    const isWhole =
      lists.every((list) => Array.isArray(list) && list.every((entry) => typeof entry === "string")) &&
      texts.every((entry) => typeof entry === "string");
    return isWhole ? (found as InstallationRecord) : null;
  } catch {
    return null;
  }
}
