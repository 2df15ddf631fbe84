/**
 * Gathers what the watches say about promotions and acknowledgements, until somebody takes it. The parents are watched
 * too, so that a folder which is removed and made again is found at once.
 */
import { join } from "node:path";
import { FolderWatch } from "./folder-watch.ts";

/** Names gathered; beyond it everything is looked at instead (P5). */
const MAX_NAMES = 2_000;

export interface Changes {
  /** True: look at everything. */
  readonly all: boolean;
  readonly promotions: ReadonlySet<string>;
  readonly acknowledgements: ReadonlySet<string>;
}

export class PromotionChanges {
  readonly #onChange: () => void;
  readonly #watches: readonly FolderWatch[];
  #all = true;
  #promotions = new Set<string>();
  #acknowledgements = new Set<string>();

  constructor(home: string, onChange: () => void) {
    this.#onChange = onChange;
    const lab = join(home, "dream_lab");
    const folderIs = (...names: string[]) => {
      return (name: string | null) => {
        if (name !== null && !names.includes(name)) return;
        this.everything();
        this.#onChange();
      };
    };
    this.#watches = [
      new FolderWatch(home, folderIs("dream_lab")),
      new FolderWatch(lab, folderIs("promotions", "promotions_ack", "dream_lab")),
      new FolderWatch(join(lab, "promotions"), (name) => {
        this.#gather(name, "promotions");
      }),
      new FolderWatch(join(lab, "promotions_ack"), (name) => {
        this.#gather(name, "promotions_ack");
      }),
    ];
  }

  /** Watches what is there. @throws what the system says when it cannot be watched */
  ensure(): void {
    for (const watch of this.#watches) if (watch.ensure()) this.#all = true;
  }

  /** What is taken next is everything. */
  everything(): void {
    this.#all = true;
  }

  /** What has changed since the last time. */
  take(): Changes {
    const taken = { all: this.#all, promotions: this.#promotions, acknowledgements: this.#acknowledgements };
    this.#all = false;
    this.#promotions = new Set();
    this.#acknowledgements = new Set();
    return taken;
  }

  stop(): void {
    for (const watch of this.#watches) watch.stop();
  }

  #gather(name: string | null, folder: "promotions" | "promotions_ack"): void {
    const names = folder === "promotions" ? this.#promotions : this.#acknowledgements;
    // A folder's own name: it was removed or moved away.
    if (name === null || name === folder || names.size >= MAX_NAMES) this.#all = true;
    else if (name.endsWith(".json")) names.add(name);
    else return;
    this.#onChange();
  }
}
