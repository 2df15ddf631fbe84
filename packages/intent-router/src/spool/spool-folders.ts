/** The folders of the spool, all inside `intents/` so that every move is a rename on one disk. */
import { mkdir } from "node:fs/promises";
import { rawName, type RawName } from "./raw-name.ts";

export interface SpoolFolders {
  readonly intents: string;
  readonly rejected: string;
  readonly duplicate: string;
  /** Routed files on their way to removal; empty but for moments. */
  readonly routed: string;
}

export function spoolFolders(home: string): SpoolFolders {
  const intents = `${home}/intents`;
  return {
    intents,
    rejected: `${intents}/rejected`,
    duplicate: `${intents}/duplicate`,
    routed: `${intents}/.routed`,
  };
}

/** Names in the intents folder that are the spool's own. */
export const OWN_NAMES: ReadonlySet<RawName> = new Set(["rejected", "duplicate", ".routed"].map(rawName));

/** Makes what is missing, for the owner only. @throws system errors */
export async function makeFolders(folders: SpoolFolders): Promise<void> {
  for (const folder of [folders.intents, folders.rejected, folders.duplicate, folders.routed]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
}
