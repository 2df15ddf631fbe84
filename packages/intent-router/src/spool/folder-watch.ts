/**
 * Hears of every change in one flat folder, through inotify, and notices when the folder itself is another one:
 * deleted and made again, renamed away, mounted over.
 *
 * W1 `open()` returns when the kernel is already noting events: a scan that begins afterwards misses nothing.
 * W2 What inotify cannot tell (its queue ran over; the folder was swapped) the caller's periodic `check()` and scan find out.
 *
 * @see docs/adr for the comparison with chokidar
 */
import { watch, type FSWatcher } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { basename } from "node:path";
import type { RawName } from "./raw-name.ts";

export interface FolderWatchEvents {
  /** Something happened to this name. */
  onName(name: RawName): void;
  /** The folder was replaced or the watch broke: `check()` and a scan are due. */
  onDoubt(): void;
}

/** Owner only: what lies in it decides what the mesh does. */
const FOLDER_MODE = 0o700;

export class FolderWatch {
  readonly #folder: string;
  readonly #events: FolderWatchEvents;
  #watcher: FSWatcher | undefined;
  #watched = "";

  constructor(folder: string, events: FolderWatchEvents) {
    this.#folder = folder;
    this.#events = events;
  }

  /**
   * Makes the folder when it is missing, and watches it. True when the watch is a new one, so that a scan is due.
   * @throws the system's error when there is no folder to be had
   */
  async check(): Promise<boolean> {
    if (this.#watcher !== undefined && (await this.#now()) === this.#watched) return false;
    this.close();
    await mkdir(this.#folder, { recursive: true, mode: FOLDER_MODE });
    const before = await this.#now();
    this.#open();
    this.#watched = before;
    if ((await this.#now()) !== before) this.#events.onDoubt(); // swapped between the two lines above
    return true;
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #open(): void {
    const own = basename(this.#folder);
    const watcher = watch(this.#folder, { encoding: "latin1" }, (_event, name) => {
      if (name === null || name === own) this.#events.onDoubt();
      if (name !== null) this.#events.onName(name);
    });
    watcher.on("error", () => {
      if (this.#watcher === watcher) this.close();
      this.#events.onDoubt();
    });
    this.#watcher = watcher;
  }

  /** Which folder the path means now; empty when there is none. */
  async #now(): Promise<string> {
    try {
      const { dev, ino } = await stat(this.#folder, { bigint: true });
      return `${dev}:${ino}`;
    } catch {
      return "";
    }
  }
}
