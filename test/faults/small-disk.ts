/** A disk of a few megabytes, gone after the test. Only root can make one. */
import { spawnSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdirSync, openSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const CHUNK_BYTES = 64 * 1024;
const PAGE_BYTES = 4096;

export function canMountDisks(): boolean {
  return process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "true"]).status === 0;
}

export class SmallDisk {
  readonly path: string;
  readonly #ballast: number;
  #ballastBytes = 0;

  constructor(folder: string, megabytes: number) {
    this.path = join(folder, "disk");
    mkdirSync(this.path);
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", this.path]);
    if (mounted.status !== 0) throw new Error(`mount: ${mounted.stderr.toString()}`);
    this.#ballast = openSync(join(this.path, "ballast"), "w");
    onTestFinished(() => {
      closeSync(this.#ballast);
      spawnSync("umount", ["--lazy", this.path]);
    });
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  /** Takes space until no more than `leaveBytes` are free. */
  fill(leaveBytes = 0): void {
    while (this.freeBytes > leaveBytes) {
      const bytes = Math.max(PAGE_BYTES, Math.min(CHUNK_BYTES, this.freeBytes - leaveBytes));
      try {
        this.#ballastBytes += writeSync(this.#ballast, Buffer.alloc(bytes), 0, bytes, this.#ballastBytes);
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === "ENOSPC") return;
        throw cause;
      }
    }
  }

  free(): void {
    ftruncateSync(this.#ballast, 0);
    this.#ballastBytes = 0;
  }
}
