/**
 * Says when `capabilities.yaml` may have changed. Watches the folder, because editors replace the file by renaming.
 * Only a hint: whoever listens also looks from time to time.
 */
import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";

export class RegistryWatch {
  readonly #path: string;
  readonly #onChange: () => void;
  #watcher: FSWatcher | undefined;

  constructor(path: string, onChange: () => void) {
    this.#path = path;
    this.#onChange = onChange;
  }

  /** Begins to watch, unless it does already. Throws what the system says (no more watches, folder gone). */
  ensure(): void {
    if (this.#watcher) return;
    const name = basename(this.#path);
    const watcher = watch(dirname(this.#path), { persistent: false }, (_, changed) => {
      if (changed === null || changed === name) this.#onChange();
    });
    watcher.on("error", () => this.stop()); // The next `ensure` begins anew.
    this.#watcher = watcher;
  }

  stop(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}
