/**
 * Says when one of some files in the home may have changed, appeared or gone. Watches the folder, because editors replace files by
 * renaming, and looks from time to time anyway, because a watch can lose events.
 */
import { type FSWatcher, statSync, watch } from "node:fs";
import { join } from "node:path";

/** Looks that no event asked for, in milliseconds. */
const LOOK_MS = 5_000;

export class HomeWatch {
  readonly #home: string;
  readonly #names: ReadonlyMap<string, () => void>;
  readonly #debounceMs: number;
  readonly #marks = new Map<string, string>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #watcher: FSWatcher | undefined;
  #looking: NodeJS.Timeout | undefined;

  /** @param names file name → what to do, `debounceMs` after its last change */
  constructor(home: string, names: ReadonlyMap<string, () => void>, debounceMs: number) {
    this.#home = home;
    this.#names = names;
    this.#debounceMs = debounceMs;
  }

  start(): void {
    for (const name of this.#names.keys()) this.#marks.set(name, this.#mark(name));
    this.#watch();
    this.#looking = setInterval(() => this.#look(), LOOK_MS);
    this.#looking.unref();
  }

  stop(): void {
    clearInterval(this.#looking);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #watch(): void {
    try {
      this.#watcher = watch(this.#home, { persistent: false }, (_, changed) => {
        if (changed === null) this.#look();
        else if (this.#names.has(changed)) this.#changed(changed);
      });
      this.#watcher.on("error", () => {
        this.#watcher?.close();
        this.#watcher = undefined; // The next look begins anew.
      });
    } catch {
      this.#watcher = undefined; // No more watches on this machine: looking has to do.
    }
  }

  #look(): void {
    if (this.#watcher === undefined) this.#watch();
    for (const name of this.#names.keys()) {
      const mark = this.#mark(name);
      if (mark !== this.#marks.get(name)) this.#changed(name);
      this.#marks.set(name, mark);
    }
  }

  #changed(name: string): void {
    clearTimeout(this.#timers.get(name));
    const timer = setTimeout(() => {
      this.#marks.set(name, this.#mark(name));
      this.#names.get(name)?.();
    }, this.#debounceMs);
    this.#timers.set(name, timer);
  }

  #mark(name: string): string {
    try {
      const { ino, size, mtimeMs } = statSync(join(this.#home, name));
      return `${ino}/${size}/${mtimeMs}`;
    } catch {
      return "";
    }
  }
}
