/**
 * Remembers questions that were investigated for a retry while the signal that asked first had not come yet: after a
 * long stop the two may come in any order, from different emitters. When it comes, its record is there already.
 */
import type { Tx } from "@kloros/bus";

const PREFIX = "answered_early:";
/** Remembered; beyond it the oldest are forgotten, whose first signal will hardly come any more (P5). */
const MAX_REMEMBERED = 1_000;

export class EarlyAnswers {
  /** The retry of this signal is investigated now. */
  answer(tx: Tx, signalId: string): void {
    const known = tx.state.list(PREFIX, MAX_REMEMBERED);
    const [oldest] = known; // Ids are UUIDv7: their order is that of time.
    if (oldest && known.length >= MAX_REMEMBERED) tx.state.delete(oldest.key);
    tx.state.put(`${PREFIX}${signalId}`, true);
  }

  /** Whether a retry of this signal was investigated before; asked once, when the signal itself comes. */
  wasAnswered(tx: Tx, signalId: string): boolean {
    const key = `${PREFIX}${signalId}`;
    if (tx.state.get(key) === undefined) return false;
    tx.state.delete(key);
    return true;
  }
}
