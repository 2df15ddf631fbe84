/** Dead letters of the same cause together: what is one problem should be read once. Pure. */
import type { DeadLetter } from "@kloros/bus";
import { signalNameOf } from "./letter-signal.ts";

/** One cause; the JSON form of `chem-bus dead list --group`. */
export interface LetterGroup {
  readonly fingerprint: string;
  readonly count: number;
  readonly daemon: string;
  /** Name of the signal, or null when it was none. */
  readonly signal: string | null;
  /** Of the latest. */
  readonly error: string;
  readonly first: string;
  readonly last: string;
  /** The latest ones, newest last; at most `MAX_IDS`. */
  readonly ids: readonly string[];
}

const MAX_IDS = 20;

/** Groups by fingerprint, the most frequent first. */
export function groupLetters(letters: readonly DeadLetter[]): LetterGroup[] {
  const groups = new Map<string, LetterGroup>();
  for (const letter of letters) {
    const { fingerprint, daemon, error, timestamp, id } = letter;
    const before = groups.get(fingerprint);
    const isLatest = !before || timestamp >= before.last;
    groups.set(fingerprint, {
      fingerprint,
      daemon,
      signal: signalNameOf(letter),
      count: (before?.count ?? 0) + 1,
      error: isLatest ? error : before.error,
      first: before && before.first <= timestamp ? before.first : timestamp,
      last: isLatest ? timestamp : before.last,
      ids: [...(before?.ids ?? []), id].slice(-MAX_IDS),
    });
  }
  return [...groups.values()].sort((a, b) => b.count - a.count || (a.last < b.last ? 1 : -1));
}
