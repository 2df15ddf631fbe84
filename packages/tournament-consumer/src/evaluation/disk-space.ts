/**
 * A full disk is waited for (P5): it is no candidate's fault and never becomes a result. What needs space is tried again when there is
 * some; a failure that was seen while there was none is not believed.
 */
import { statfs } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { isDiskFull } from "@kloros/bus";
import type { Logger } from "@kloros/daemon";

/** Between two looks, in milliseconds: soon enough after space was made, cheap for days of waiting. */
const LOOK_MS = 500;

export class DiskSpace {
  readonly #folder: string;
  readonly #minFreeBytes: number;
  readonly #log: Logger;
  #waiting = 0;

  /** `folder`: any on the disk in question. */
  constructor(folder: string, minFreeBytes: number, log: Logger) {
    this.#folder = folder;
    this.#minFreeBytes = minFreeBytes;
    this.#log = log;
  }

  /** Whether something waits for space now. */
  get isWaiting(): boolean {
    return this.#waiting > 0;
  }

  async isTight(): Promise<boolean> {
    const { bavail, bsize } = await statfs(this.#folder);
    return bavail * bsize < this.#minFreeBytes;
  }

  /** Resolves when there is enough space. @throws the signal's reason when it is aborted */
  async wait(signal: AbortSignal): Promise<void> {
    if (!(await this.isTight())) return;
    this.#begin();
    try {
      do await wait(LOOK_MS, undefined, { signal });
      while (await this.isTight());
    } finally {
      this.#waiting--;
    }
  }

  /** Does `body` again for as long as it fails for want of space. @throws its other errors; the signal's reason */
  async whenThereIsSpace<T>(body: () => Promise<T>, signal: AbortSignal): Promise<T> {
    let isWaiting = false;
    try {
      for (;;) {
        try {
          return await body();
        } catch (cause) {
          if (!isDiskFull(cause)) throw cause;
          if (!isWaiting) this.#begin(cause);
          isWaiting = true;
          await wait(LOOK_MS, undefined, { signal });
        }
      }
    } finally {
      if (isWaiting) this.#waiting--;
    }
  }

  #begin(cause?: unknown): void {
    if (this.#waiting++ === 0) this.#log.warn({ err: cause }, "The disk is full; tournaments wait for space");
  }
}
