/**
 * A short wait for room before a live frame is given up to the ledger: a fast handler makes room within milliseconds, and
 * what waits meanwhile waits in the transport's own bounded queue. A handler that does not is not waited for again until
 * it has caught up, so that one slow name never holds up the others of its emitter (P5).
 */
import type { NameStream } from "../protocol/name-stream.ts";

/** Longest wait, in milliseconds: what a busy consumer needs for a commit or two, even on a slow disk. */
const WAIT_MS = 250;
/** Share of the window that must be free before a frame is taken in. */
const FREE_SHARE = 4;

export class Patience {
  readonly #slow = new Set<NameStream>();
  #waiting: { readonly stream: NameStream; readonly resolve: () => void } | null = null;

  /** Null: there is room, or no wait is worth it. */
  waitFor(stream: NameStream): Promise<void> | null {
    if (hasRoom(stream) || this.#slow.has(stream)) return null;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#slow.add(stream);
        this.release();
      }, WAIT_MS);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#waiting = { stream, resolve: done };
    });
  }

  /** Something was finished. */
  onRoom(): void {
    if (this.#waiting !== null && hasRoom(this.#waiting.stream)) this.release();
    if (this.#slow.size === 0) return;
    for (const stream of this.#slow) if (!stream.behind) this.#slow.delete(stream);
  }

  /** Ends the wait, whatever the room. */
  release(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve();
  }

  /** Forgets streams that are no more. */
  reset(): void {
    this.#slow.clear();
    this.release();
  }
}

function hasRoom(stream: NameStream): boolean {
  return stream.room * FREE_SHARE >= stream.window;
}
