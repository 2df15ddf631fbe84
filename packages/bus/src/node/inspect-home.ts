/** All journals of a home, opened for reading. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { JournalView } from "./journal-view.ts";

export interface HomeInspection {
  /** By daemon name. */
  readonly journals: ReadonlyMap<string, JournalView>;
  /** Journals that could not be opened, with the reason. */
  readonly unreadable: readonly { readonly daemon: string; readonly error: Error }[];
  close(): Promise<void>;
}

/**
 * Works on a running mesh and on a dead one alike; takes no lock and changes nothing.
 * @param only names of daemons; left out: all that have a journal
 */
export function inspectHome(home: string, only?: readonly string[]): HomeInspection {
  const journals = new Map<string, JournalView>();
  const unreadable: { daemon: string; error: Error }[] = [];
  for (const daemon of journalNames(home)) {
    if (only?.includes(daemon) === false) continue;
    try {
      journals.set(daemon, new JournalView(home, daemon));
    } catch (error) {
      unreadable.push({ daemon, error: error as Error });
    }
  }
  return {
    journals,
    unreadable,
    async close() {
      await Promise.all([...journals.values()].map((journal) => journal.close()));
    },
  };
}

function journalNames(home: string): string[] {
  try {
    const entries = readdirSync(join(home, "journal"), { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch {
    // No journal folder: a home where nothing has run yet.
    return [];
  }
}
