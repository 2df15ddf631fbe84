/** Hands finished transactions and buried signals to the committer, each as one unit with what it finishes (P3, P6). */
import type { Tx } from "./api.ts";
import type { Committer } from "./committer.ts";
import type { DeadLetterOffice } from "./dead-letter-office.ts";
import { deadLetter, type DeadLetter } from "./dead-letter.ts";
import type { Work } from "./handler-slot.ts";
import type { EmissionFactory } from "./emission-factory.ts";
import { FinishUnit } from "./emit-units.ts";
import { letteredSignal } from "./handling-report.ts";
import type { BusLog, LetteredSignal } from "./node-options.ts";
import type { StateStore } from "./state-store.ts";
import { Transaction } from "./transaction.ts";
import type { Counts, Emission, Finish } from "./unit.ts";

export interface TransactionsOptions {
  readonly daemon: string;
  readonly store: StateStore;
  readonly factory: EmissionFactory;
  readonly committer: Committer;
  readonly office: DeadLetterOffice;
  readonly counts: Counts;
  readonly log: BusLog;
  readonly now: () => number;
  readonly publishVolatile: (emission: Emission) => void;
  readonly onBuried: (signal: string, fingerprint: string) => void;
  /** A dead letter is durable; null: nobody listens. */
  readonly onDeadLettered: ((letter: LetteredSignal) => void) | null;
}

export class Transactions {
  readonly #options: TransactionsOptions;

  constructor(options: TransactionsOptions) {
    this.#options = options;
  }

  /** A transaction outside a handler. Rejects with what `body` throws, or with the commit's error. */
  transact<T>(body: (tx: Tx) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const tx = new Transaction(this.#options, null, 1);
      try {
        const result = body(tx);
        tx.end();
        this.#submit(
          tx,
          null,
          () => {
            resolve(result);
          },
          reject,
        );
      } catch (error) {
        tx.forget();
        tx.end();
        throw error;
      }
    });
  }

  /** A handling that succeeded. */
  complete(tx: Transaction, finish: Finish): void {
    if (tx.empty) this.#options.committer.submit(new FinishUnit(finish, this.#options.counts));
    else this.#submit(tx, finish, () => this.#options.counts.handled++);
  }

  #submit(tx: Transaction, finish: Finish | null, done: () => void, failed?: (error: Error) => void): void {
    const { store, factory, office, committer, daemon, now } = this.#options;
    const { emissions, writes } = tx;
    const letters = tx.letters.map((letter) => deadLetter(daemon, letter, now()));
    const ticket = writes === null ? 0 : store.lay(writes);
    committer.submit({
      emissions: emissions.filter((emission) => !emission.volatile),
      state: writes,
      outbox:
        letters.length === 0 ? null : new Map(letters.map((letter) => [letter.id, JSON.stringify(letter)])),
      finish,
      intake: finish === null,
      onDurable: () => {
        if (writes !== null) store.settle(writes, ticket);
        for (const emission of emissions) {
          factory.settled(emission);
          if (emission.volatile) this.#options.publishVolatile(emission);
          else this.#options.counts.emitted++;
        }
        letters.forEach((letter, at) => {
          office.deliver(letter.id, JSON.stringify(letter));
          this.#tell(letter, tx.letters[at]?.error);
        });
        for (const effect of tx.effects) this.#run(effect);
        done();
      },
      onFailed: (error) => {
        if (writes !== null) store.settle(writes, ticket);
        tx.forget();
        failed?.(error);
      },
    });
  }

  #tell(letter: DeadLetter, cause: unknown): void {
    if (this.#options.onDeadLettered !== null) this.#options.onDeadLettered(letteredSignal(letter, cause));
  }

  #run(effect: () => void | Promise<void>): void {
    const report = (error: unknown) => {
      this.#options.log.error({ err: error }, "An effect after commit failed");
    };
    try {
      const result = effect();
      if (result !== undefined) result.catch(report);
    } catch (error) {
      report(error);
    }
  }

  /** A signal that cannot be handled: into the outbox and past the cursor in one commit, from there to the file. */
  bury({ envelope }: Work, finish: Finish, error: unknown, attempts: number): void {
    const { daemon, now, log, office, committer, counts } = this.#options;
    // Telemetry has no position; all of it would be one letter.
    const place = envelope.seq === 0 ? envelope.id : String(envelope.seq);
    const key = `${envelope.source}/${envelope.epoch}/${place}`;
    const letter = deadLetter(daemon, { key, signal: envelope, error, attempts }, now());
    const line = JSON.stringify(letter);
    const { signal, id } = envelope;
    if (this.#options.onDeadLettered === null)
      log.error({ err: error, signal, id, attempts, dead_letter: letter.id }, "Signal dead-lettered");
    this.#options.onBuried(signal, letter.fingerprint);
    committer.submit({
      outbox: new Map([[letter.id, line]]),
      finish,
      onDurable: () => {
        counts.dead++;
        office.deliver(letter.id, line);
        this.#tell(letter, error);
      },
    });
  }

  /** A line of an emitter's journal that is no signal; `finish`: its place there, when that can be read. */
  buryRaw(emitter: string, line: Buffer, finish: Finish | null): void {
    const { daemon, now, log, office, committer, counts } = this.#options;
    const key = `${emitter}/raw/${line.toString("base64")}`;
    const error = `${emitter}: a line of its journal is no signal`;
    const letter = deadLetter(daemon, { key, signal: line, error }, now());
    const text = JSON.stringify(letter);
    log.error(
      { emitter, bytes: line.length, dead_letter: letter.id },
      "An unreadable line was dead-lettered",
    );
    committer.submit({
      outbox: new Map([[letter.id, text]]),
      finish,
      onDurable: () => {
        counts.dead++;
        office.deliver(letter.id, text);
        this.#tell(letter, error);
      },
    });
  }
}
