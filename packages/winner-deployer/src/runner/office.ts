/**
 * Where decisions become durable: one after the other, so that each sees what the one before has done.
 *
 * P3 A decision's state and its signals are one transaction. A full disk is waited for: what is not durable has not happened.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { isDiskFull, type Node, type StateReader, type Tx } from "@kloros/bus";
import type { JobBook } from "../jobs/job-book.ts";
import type { Workplace } from "../workplace.ts";
import { Turns } from "./turns.ts";

/** Pause before a commit is tried again that a full disk has refused, in milliseconds. */
const COMMIT_PAUSE_MS = 1_000;

export class Office {
  readonly book: JobBook;
  readonly place: Workplace;
  readonly #node: Node;
  readonly #commits = new Turns();

  constructor(node: Node, book: JobBook, place: Workplace) {
    this.#node = node;
    this.book = book;
    this.place = place;
  }

  get state(): StateReader {
    return this.#node.state;
  }

  /** @throws the reason of `stopping` when the daemon stops before the disk has space again */
  async commit(body: (tx: Tx) => void): Promise<void> {
    const { stopping, log } = this.place;
    await this.#commits.take(stopping, async () => {
      for (;;) {
        try {
          await this.#node.transact(body);
          return;
        } catch (err) {
          if (!isDiskFull(err)) throw err;
          log.warn({ err }, "Disk is full, the commit is tried again");
          await sleep(COMMIT_PAUSE_MS, undefined, { signal: stopping });
        }
      }
    });
  }
}
