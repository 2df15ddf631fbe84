/** The disk's own price of durability: appending to a file and syncing it. */
import { closeSync, fdatasyncSync, openSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";

export class SyncProbe {
  readonly #fd: number;
  readonly #path: string;
  readonly #bytes: Buffer;

  /** Appends `size` bytes each time to a file of its own in `folder`. */
  constructor(folder: string, size: number) {
    this.#path = join(folder, `sync-probe-${process.pid}`);
    this.#fd = openSync(this.#path, "w");
    this.#bytes = Buffer.alloc(size, "x");
  }

  /** One write and fdatasync, in milliseconds. */
  measureMs(): number {
    const begun = performance.now();
    writeSync(this.#fd, this.#bytes);
    fdatasyncSync(this.#fd);
    return performance.now() - begun;
  }

  close(): void {
    closeSync(this.#fd);
    unlinkSync(this.#path);
  }
}
