/**
 * A gate between processes: many may be inside together, or one alone. Locks of the kernel that die with their holder.
 *
 * I1 Who wants to be alone first closes the turnstile and then waits for the room to empty, so that steady coming and
 *    going cannot keep it out.
 * I2 Going in and out costs a few microseconds while nobody wants to be alone.
 * P10 Each wait has a deadline.
 */
import { closeSync, constants, openSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { tryLock, unlock } from "fs-native-extensions";
import { FileError } from "./errors.ts";

/** The two bytes of the file that are locked; it stays empty. */
const TURNSTILE = 0;
const ROOM = 1;
/** Pause between two tries, in milliseconds: who is alone is so for about as long. */
const POLL_MS = 1;

export class GateLock {
  readonly #path: string;
  readonly #fd: number;

  /** @throws {FileError} the file cannot be created or opened for writing */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    } catch (cause) {
      throw new FileError("open", path, cause);
    }
  }

  /** Goes in together with others; to be followed by `leave()`. Not twice at a time. @throws {FileError} after `deadlineMs` */
  async enter(deadlineMs: number): Promise<void> {
    const giveUpAt = performance.now() + deadlineMs;
    while (!this.#tryEnter()) {
      this.#checkDeadline(giveUpAt, deadlineMs);
      await sleep(POLL_MS);
    }
  }

  leave(): void {
    unlock(this.#fd, ROOM, 1);
  }

  /** Runs `action` while nobody else is inside; waits without giving the event loop a turn. @throws {FileError} after `deadlineMs` */
  alone<T>(deadlineMs: number, action: () => T): T {
    const giveUpAt = performance.now() + deadlineMs;
    const pause = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const take = (byte: number) => {
      while (!tryLock(this.#fd, byte, 1)) {
        this.#checkDeadline(giveUpAt, deadlineMs);
        Atomics.wait(pause, 0, 0, POLL_MS);
      }
    };
    try {
      take(TURNSTILE); // I1
      take(ROOM);
      return action();
    } finally {
      unlock(this.#fd, TURNSTILE, 2);
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  #tryEnter(): boolean {
    if (!tryLock(this.#fd, TURNSTILE, 1, { shared: true })) return false;
    const entered = tryLock(this.#fd, ROOM, 1, { shared: true });
    unlock(this.#fd, TURNSTILE, 1);
    return entered;
  }

  #checkDeadline(giveUpAt: number, deadlineMs: number): void {
    if (performance.now() <= giveUpAt) return;
    throw new FileError("lock", this.#path, new Error(`another process holds it for over ${deadlineMs} ms`));
  }
}
