/** Homes for one run, on a real disk, and gone when the run ends, however it ends. */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensureHome } from "@kloros/bus";

/** /tmp is memory on many machines, where a sync costs nothing; /var/tmp is a disk. */
export const DEFAULT_PARENT = "/var/tmp";

export class Scratch {
  readonly folder: string;
  #homes = 0;

  constructor(parent: string) {
    this.folder = mkdtempSync(join(parent, "mesh-bench-"));
    process.on("exit", () => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** A new home with all its folders. */
  async home(): Promise<string> {
    const home = join(this.folder, `h${++this.#homes}`);
    await ensureHome(home);
    return home;
  }

  /** Frees the disk of a home that is no longer needed. */
  remove(home: string): void {
    rmSync(home, { recursive: true, force: true });
  }
}
