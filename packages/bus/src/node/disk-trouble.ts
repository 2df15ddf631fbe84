/**
 * What a node does when a commit fails. A full disk (P5): everything not on disk is forgotten, receptors go back to their
 * durable cursors and wait, and it goes on by itself once there is space. Anything else: the process must end (P6).
 */
import { DiskFullError } from "../journal/errors.ts";
import type { BusLog } from "./node-options.ts";
import type { Receptors } from "./receptors.ts";

export interface TroubleOptions {
  readonly log: BusLog;
  readonly receptors: Pick<Receptors, "pause" | "reset" | "resume">;
  /** Forgets all that runs, waits, or was laid over the durable state. */
  readonly forget: (error: Error) => void;
  readonly onFatal: (error: Error) => void;
}

/** Wait before handlers try again, in milliseconds; doubles while the disk stays full. */
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;
/** A failure this long after the last pause is a new trouble, in milliseconds. */
const CALM_MS = 60_000;

export class DiskTrouble {
  readonly #options: TroubleOptions;
  #timer: NodeJS.Timeout | null = null;
  #pauseMs = FIRST_PAUSE_MS;
  #resumedAtMs = -Infinity;

  constructor(options: TroubleOptions) {
    this.#options = options;
  }

  onCommitFailed(error: Error): void {
    if (!(error instanceof DiskFullError)) {
      this.#options.log.error({ err: error }, "The journal cannot be written");
      this.#options.onFatal(error);
      return;
    }
    this.#options.receptors.pause();
    this.#options.receptors.reset();
    this.#options.forget(error);
    if (this.#timer !== null) return;
    const calm = performance.now() - this.#resumedAtMs > CALM_MS;
    this.#pauseMs = calm ? FIRST_PAUSE_MS : Math.min(this.#pauseMs * 2, MAX_PAUSE_MS);
    this.#options.log.error(
      { err: error, pause_ms: this.#pauseMs },
      "The disk is full: handling pauses, emits are refused",
    );
    this.#timer = setTimeout(() => {
      this.#resume();
    }, this.#pauseMs);
  }

  #resume(): void {
    this.#timer = null;
    this.#resumedAtMs = performance.now();
    this.#options.receptors.resume();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}
