/**
 * The moves that end a file's stay in the folder, after its transaction is on disk (S2 of spool.ts). Each may be repeated:
 * a file that is found again after a crash comes to the same fate and only its move is made up for (B2).
 */
import type { IntentRules } from "../decide.ts";
import { freeName, moveAside, type Moved } from "./move-aside.ts";
import type { Fate } from "./plan-batch.ts";
import { problemLine } from "../problem.ts";
import { shownName } from "./raw-name.ts";
import type { RejectionRecord, Rejections } from "./rejections.ts";
import { RoutedRemover } from "./remove-routed.ts";
import type { RoutedLedger } from "./routed-ledger.ts";
import type { SpoolFolders } from "./spool-folders.ts";
import type { SpoolLog, SpoolStep } from "./spool-options.ts";

export interface CarrierOptions {
  readonly folders: SpoolFolders;
  readonly ledger: RoutedLedger;
  readonly rejections: Rejections;
  readonly log: SpoolLog;
  readonly reached: (step: SpoolStep) => void;
}

export class Carrier {
  /** Files that came to each fate since the start. */
  readonly counts = { routed: 0, duplicates: 0, rejected: 0 };
  readonly #options: CarrierOptions;
  readonly #remover: RoutedRemover;

  constructor(options: CarrierOptions) {
    this.#options = options;
    this.#remover = new RoutedRemover(options.folders);
  }

  async recover(rules: IntentRules, maxBytes: number): Promise<number> {
    return this.#remover.recover(this.#options.ledger, rules, maxBytes);
  }

  /** Moves the file to where its fate wants it. @throws system errors */
  async carryOut(
    fate: Fate,
    record: RejectionRecord | undefined,
    level: "info" | "debug",
  ): Promise<Moved["kind"]> {
    switch (fate.kind) {
      case "routed":
      case "unfinished":
        return this.#removeRouted(fate, level);
      case "duplicate":
        return this.#moveDuplicate(fate, level);
      case "rejected":
        return record === undefined ? "gone" : this.#moveRejected(fate, record);
    }
  }

  async #removeRouted(
    fate: Fate & { kind: "routed" | "unfinished" },
    level: "info" | "debug",
  ): Promise<Moved["kind"]> {
    const { ledger, log, reached } = this.#options;
    const kind = await this.#remover.remove(fate.name, fate.identity, () => reached("taken"));
    ledger.release(fate.key);
    this.counts.routed += 1;
    const { signal, priority, content_id } = fate.routed;
    log[level]({ file: shownName(fate.name), signal, priority, content_id }, "Intent routed");
    reached("removed");
    return kind;
  }

  async #moveDuplicate(fate: Fate & { kind: "duplicate" }, level: "info" | "debug"): Promise<Moved["kind"]> {
    const { folders, log, reached } = this.#options;
    const target = await freeName(folders.duplicate, fate.name);
    const { kind } = await moveAside(folders.intents, fate.name, fate.identity, folders.duplicate, target);
    if (kind !== "moved") return kind;
    this.counts.duplicates += 1;
    const kept_at = `intents/duplicate/${shownName(target)}`;
    log[level](
      { file: shownName(fate.name), of: fate.of, kept_at },
      "Intent is a duplicate of one routed before",
    );
    reached("duplicated");
    return kind;
  }

  async #moveRejected(fate: Fate & { kind: "rejected" }, record: RejectionRecord): Promise<Moved["kind"]> {
    const { rejections, log, reached } = this.#options;
    const kind = await rejections.finish(record, () => reached("reported"));
    if (kind !== "moved") return kind;
    this.counts.rejected += 1;
    const file = shownName(fate.name);
    const problems = record.problems.map((problem) => problemLine(`intents/${file}`, problem));
    log.warn({ file, problems, kept_at: `intents/rejected/${shownName(record.target)}` }, "Intent rejected");
    reached("rejected");
    return kind;
  }
}
