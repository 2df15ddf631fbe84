/**
 * Watches that the home is still the home. When its folder is deleted under a running daemon, the journal goes
 * on writing to files without names: what it acknowledges would be lost (P2), and a twin could start. So the
 * daemon ends; its supervisor starts it anew in whatever is there then.
 */
import { type FileLock, KlorosError } from "@kloros/bus";

/** Often enough that little is acknowledged in vain, seldom enough to cost nothing. */
const INTERVAL_MS = 2_000;

/** The home, or the lock in it, was deleted or replaced while the daemon ran. */
export class HomeLostError extends KlorosError {
  constructor(home: string) {
    super(
      "E_HOME_LOST",
      `${home} was deleted or replaced while the daemon ran: restore it, then start the daemon again`,
    );
  }
}

/** Calls `onLost` once when the lock's file is gone. Returns the end of the watch. */
export function guardHome(home: string, lock: FileLock, onLost: (error: HomeLostError) => void): () => void {
  const timer = setInterval(() => {
    if (isIntact(lock)) return;
    clearInterval(timer);
    onLost(new HomeLostError(home));
  }, INTERVAL_MS);
  return () => clearInterval(timer);
}

function isIntact(lock: FileLock): boolean {
  try {
    return lock.isIntact();
  } catch {
    return true; // A disk that does not answer has not said that the file is gone.
  }
}
