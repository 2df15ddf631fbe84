/**
 * Says which names in a folder may have changed. Survives that the folder is removed and made again, as long as somebody
 * calls `ensure`. Only a hint, as every watch: whoever listens also scans from time to time.
 */
import { type FSWatcher, statSync, watch } from "node:fs";

export class FolderWatch {
  readonly #path: string;
  /** Null: something has changed, nobody knows what. */
  readonly #onChange: (name: string | null) => void;
  #watching: { readonly watcher: FSWatcher; readonly folder: string } | null = null;

  constructor(path: string, onChange: (name: string | null) => void) {
    this.#path = path;
    this.#onChange = onChange;
  }

  get isWatching(): boolean {
    return this.#watching !== null;
  }

  /**
   * Watches the folder that is there now. True when it has just begun to: what happened before is unknown.
   * A folder that is not there is not watched. @throws what the system says otherwise (no more watches)
   */
  ensure(): boolean {
    const stats = statSync(this.#path, { throwIfNoEntry: false });
    const folder = stats?.isDirectory() === true ? `${stats.dev}:${stats.ino}` : null;
    if (folder === (this.#watching?.folder ?? null)) return false;
    this.stop();
    if (folder === null) return false;
    const watcher = watch(this.#path, { persistent: false }, (_, name) => {
      this.#onChange(name);
    });
    watcher.on("error", () => {
      this.stop(); // The next `ensure` begins anew.
    });
    this.#watching = { watcher, folder };
    return true;
  }

  stop(): void {
    this.#watching?.watcher.close();
    this.#watching = null;
  }
}
