/**
 * `semantic_evidence.json`: what is known, for people and other programs. Derived from the durable state, so it may be
 * deleted or damaged: it is written again. Whole files only, never more often than asked, never more than a part of the time.
 */
import { stat } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { type StateReader, writeFileAtomic } from "@kloros/bus";
import { shardsOf } from "./evidence-state.ts";

export const EVIDENCE_SCHEMA = "kloros.semantic-evidence/1";
/** After a write there is a pause of so many times its length. */
const PAUSE_PER_WRITE = 20;
/** How often the file is looked after, in milliseconds. */
const CHECK_EVERY_MS = 30_000;
/** Wait before a write that failed is tried again, in milliseconds. */
const RETRY_MS = 5_000;

export interface EvidenceFileOptions {
  readonly path: string;
  readonly state: StateReader;
  readonly intervalMs: number;
  readonly onTrouble: (error: unknown) => void;
}

export class EvidenceFile {
  readonly #options: EvidenceFileOptions;
  #timer: NodeJS.Timeout | undefined;
  #check: NodeJS.Timeout | undefined;
  #dueAt = Infinity;
  #earliestAt = 0;
  #written = "";
  #writing: Promise<void> = Promise.resolve();
  #isStopped = false;
  writes = 0;

  constructor(options: EvidenceFileOptions) {
    this.#options = options;
  }

  start(): void {
    this.changed(0);
    this.#check = setInterval(() => {
      void identityOf(this.#options.path).then((identity) => {
        if (identity !== this.#written) this.changed(0);
      });
    }, CHECK_EVERY_MS);
    this.#check.unref();
  }

  /** What is known has changed. */
  changed(withinMs = this.#options.intervalMs): void {
    const at = Math.max(performance.now() + withinMs, this.#earliestAt);
    if (this.#isStopped || at >= this.#dueAt) return;
    this.#dueAt = at;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#dueAt = Infinity;
      this.#writing = this.#writing.then(() => this.#write());
    }, at - performance.now());
  }

  /** Writes what has changed since the last time, and no more. */
  async stop(): Promise<void> {
    const isDue = this.#dueAt !== Infinity;
    this.#isStopped = true;
    clearTimeout(this.#timer);
    clearInterval(this.#check);
    await this.#writing;
    if (isDue) await this.#write();
  }

  async #write(): Promise<void> {
    const started = performance.now();
    try {
      await writeFileAtomic(this.#options.path, await this.#text());
      this.#written = await identityOf(this.#options.path);
      this.writes++;
      const tookMs = performance.now() - started;
      this.#earliestAt = performance.now() + Math.max(this.#options.intervalMs, tookMs * PAUSE_PER_WRITE);
    } catch (error) {
      this.#options.onTrouble(error);
      this.#earliestAt = performance.now() + RETRY_MS;
      this.changed(RETRY_MS);
    }
  }

  async #text(): Promise<string> {
    const entries: { readonly order: number; readonly json: string }[] = [];
    const clusters = new Map<string, string[]>();
    const suppressed: string[] = [];
    for (const shard of shardsOf(this.#options.state)) {
      for (const entry of shard) {
        entries.push({ order: entry.order, json: JSON.stringify(entry) });
        clusters.set(entry.cluster, [...(clusters.get(entry.cluster) ?? []), entry.question_id]);
        if (entry.suppressed) suppressed.push(entry.question_id);
      }
      await setImmediate();
    }
    const head = {
      schema: EVIDENCE_SCHEMA,
      questions_count: entries.length,
      suppressed,
      clusters: [...clusters]
        .filter(([, members]) => members.length > 1)
        .map(([cluster, question_ids]) => ({ cluster, question_ids })),
    };
    entries.sort((a, b) => b.order - a.order);
    const lines = entries.map(({ json }) => `    ${json}`).join(",\n");
    return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "questions": [${lines === "" ? "" : `\n${lines}\n  `}]\n}\n`;
  }
}

/** Of a file as it was written; "" when it is not there. */
async function identityOf(path: string): Promise<string> {
  return stat(path).then(
    ({ ino, size, mtimeMs }) => `${ino}:${size}:${mtimeMs}`,
    () => "",
  );
}
