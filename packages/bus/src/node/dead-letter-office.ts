/**
 * Carries dead letters from the journal's outbox to `failed_signals.jsonl`, which all daemons of a home share.
 * A letter leaves the outbox only after its line is synced; one that was already written before a crash is recognised by its id.
 */
import { join } from "node:path";
import { DurableAppender } from "../files/durable-appender.ts";
import { readJsonLines } from "../files/read-json-lines.ts";
import type { DeadLetter } from "./dead-letter.ts";

export const DEAD_LETTER_FILE = "failed_signals.jsonl";
/** Wait before a failed append is tried again, in milliseconds: the letter is safe in the journal meanwhile. */
const RETRY_MS = 2_000;

export interface OfficeOptions {
  readonly home: string;
  /** The letter's line is on disk: its outbox entry may go. */
  readonly onDelivered: (ids: readonly string[]) => void;
  readonly onTrouble: (error: unknown, waiting: number) => void;
}

export class DeadLetterOffice {
  readonly #options: OfficeOptions;
  readonly #file: DurableAppender;
  readonly #waiting = new Map<string, string>();
  #running: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: OfficeOptions) {
    this.#options = options;
    this.#file = new DurableAppender(join(options.home, DEAD_LETTER_FILE));
  }

  /** After a restart: letters whose line may or may not have been written. */
  async recover(outbox: ReadonlyMap<string, string>): Promise<void> {
    if (outbox.size === 0) return;
    const written: string[] = [];
    for await (const { value } of readJsonLines(this.#file.path)) {
      const { id } = value as Partial<DeadLetter>;
      if (id !== undefined && outbox.has(id)) written.push(id);
    }
    if (written.length > 0) this.#options.onDelivered(written);
    for (const [id, line] of outbox) if (!written.includes(id)) this.deliver(id, line);
  }

  /** The letter is in the outbox, durably. */
  deliver(id: string, line: string): void {
    this.#waiting.set(id, line);
    if (this.#retry === null) this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting.size > 0) {
        const letters = [...this.#waiting];
        await Promise.all(letters.map(([, line]) => this.#file.append(line)));
        for (const [id] of letters) this.#waiting.delete(id);
        this.#options.onDelivered(letters.map(([id]) => id));
      }
    } catch (error) {
      this.#options.onTrouble(error, this.#waiting.size);
      if (!this.#closed)
        this.#retry = setTimeout(() => {
          this.#again();
        }, RETRY_MS);
    } finally {
      this.#running = null;
    }
  }

  #again(): void {
    this.#retry = null;
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    await this.#running;
    await this.#file.close();
  }
}

export interface DeadLetterListing {
  readonly letters: readonly DeadLetter[];
  /** Lines that are no dead letters: torn by a crash or written by something else. */
  readonly unreadable: number;
}

/** All dead letters of a home, oldest first. */
export async function readDeadLetters(home: string): Promise<DeadLetterListing> {
  const letters: DeadLetter[] = [];
  const seen = new Set<string>();
  let unreadable = 0;
  const lines = readJsonLines(join(home, DEAD_LETTER_FILE), { onSkip: () => unreadable++ });
  for await (const { value } of lines) {
    const letter = value as Partial<DeadLetter> | null;
    if (typeof letter?.daemon !== "string" || typeof letter.error !== "string") unreadable++;
    else if (letter.id === undefined || !seen.has(letter.id)) letters.push(letter as DeadLetter);
    if (letter?.id !== undefined) seen.add(letter.id);
  }
  return { letters, unreadable };
}
