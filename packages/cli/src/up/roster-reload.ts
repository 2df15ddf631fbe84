/** A running `kloros up` takes over what was registered and removed since: no daemon stops for another one's sake. */
import type { Program } from "../supervisor/child-process.ts";
import type { ChosenDaemons } from "./choose-daemons.ts";
import type { InstalledDaemon } from "./roster.ts";

export interface ReloadedRoster {
  /** Started now. */
  readonly added: readonly string[];
  /** Stopped and forgotten. */
  readonly removed: readonly string[];
  /** Registered, but their program is not there. */
  readonly unbuilt: readonly string[];
}

export interface Reloading {
  /** The roster as it stands on disk now. */
  readonly read: () => Promise<ChosenDaemons>;
  readonly programOf: (daemon: InstalledDaemon) => Program;
  readonly add: (program: Program) => void;
  readonly remove: (name: string) => void;
}

/**
 * Compares with the roster that was read last, not with what runs: daemons that `--only` left out stay out.
 * @throws {ContractFileError} the roster cannot be used; nothing was changed
 */
export function rosterReload(
  atStart: readonly string[],
  reloading: Reloading,
): () => Promise<ReloadedRoster> {
  let known = new Set(atStart);
  return async () => {
    const { daemons, unbuilt } = await reloading.read();
    const names = new Set(daemons.map(({ name }) => name));
    const added = daemons.filter(({ name }) => !known.has(name));
    const removed = [...known].filter(
      (name) => !names.has(name) && !unbuilt.some((other) => other.name === name),
    );
    for (const daemon of added) reloading.add(reloading.programOf(daemon));
    for (const name of removed) reloading.remove(name);
    known = new Set([...names, ...unbuilt.map(({ name }) => name).filter((name) => known.has(name))]);
    return { added: added.map(({ name }) => name), removed, unbuilt: unbuilt.map(({ name }) => name) };
  };
}
