/** The figures over everything that is stored, kept in the same transactions, so that limits cost one look each. */
import type { TxState } from "@kloros/bus";
import { StoreLimitError } from "./errors.ts";
import { MAX_STORED_BYTES } from "./limits.ts";
import { places } from "./places.ts";

export interface Books {
  /** Last number given: versions of entries, lanes of queues. Never given again. */
  readonly last: number;
  /** Of all keys and values. */
  readonly bytes: number;
  readonly namespaces: number;
  readonly queues: number;
  /** Remembered answers: numbers of the first and of the next, and their bytes. */
  readonly answers: { readonly first: number; readonly next: number; readonly bytes: number };
}

const EMPTY: Books = {
  last: 0,
  bytes: 0,
  namespaces: 0,
  queues: 0,
  answers: { first: 0, next: 0, bytes: 0 },
};

export function readBooks(state: Pick<TxState, "get">): Books {
  return state.get<Books>(places.books) ?? EMPTY;
}

/** The books during one transaction; `close` writes them once. */
export class OpenBooks {
  readonly #state: TxState;
  #books: Books;

  constructor(state: TxState) {
    this.#state = state;
    this.#books = readBooks(state);
  }

  get now(): Books {
    return this.#books;
  }

  next(): number {
    this.#books = { ...this.#books, last: this.#books.last + 1 };
    return this.#books.last;
  }

  /** @throws {StoreLimitError} nothing may be written then */
  add(change: { readonly bytes: number; readonly namespaces?: number; readonly queues?: number }): void {
    const { bytes, namespaces, queues } = this.#books;
    const total = bytes + change.bytes;
    if (change.bytes > 0 && total > MAX_STORED_BYTES)
      throw new StoreLimitError(
        `namespaces and queues would hold more than ${MAX_STORED_BYTES} bytes: delete what is not needed`,
      );
    this.#books = {
      ...this.#books,
      bytes: total,
      namespaces: namespaces + (change.namespaces ?? 0),
      queues: queues + (change.queues ?? 0),
    };
  }

  setAnswers(answers: Books["answers"]): void {
    this.#books = { ...this.#books, answers };
  }

  close(): void {
    this.#state.put(places.books, this.#books);
  }
}
