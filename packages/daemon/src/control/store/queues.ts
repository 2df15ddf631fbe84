/**
 * Queues of values, first in, first out, durable in the daemon's journal. Each function works within one transaction: what it
 * throws leaves everything as it was.
 *
 * Q1  A value lies in its queue, or was given to exactly one pop; the commit of that pop decides (P3).
 * Q2  Values leave in the order in which their pushes were committed (P9).
 */
import type { StateReader, TxState } from "@kloros/bus";
import { OpenBooks } from "./books.ts";
import { StoreLimitError } from "./errors.ts";
import { MAX_ANSWER_BYTES, MAX_QUEUE_LENGTH, MAX_QUEUES } from "./limits.ts";
import { places } from "./places.ts";
import { sizeOf } from "./value.ts";

export interface QueueRequest {
  readonly namespace: string;
  readonly queue_name: string;
}

/** Where a queue's values lie: numbers `first` up to, not including, `next` of a lane. */
export interface Lane {
  readonly lane: number;
  readonly first: number;
  readonly next: number;
}

export interface Queue extends Lane {
  readonly bytes: number;
}

/** The queue and its length; a queue is there while it holds something. */
export function findQueue(state: StateReader, { namespace, queue_name }: QueueRequest): Queue | undefined {
  return state.get<Queue>(places.queue(namespace, queue_name));
}

export function lengthOf(queue: Queue | undefined): number {
  return queue === undefined ? 0 : queue.next - queue.first;
}

/** Returns the length with it. @throws {StoreLimitError} */
export function push(state: TxState, request: QueueRequest, value: unknown): number {
  const books = new OpenBooks(state);
  const length = append(state, books, request, [value]);
  books.close();
  return length;
}

function append(state: TxState, books: OpenBooks, request: QueueRequest, values: readonly unknown[]): number {
  const { namespace, queue_name } = request;
  const old = findQueue(state, request);
  if (lengthOf(old) + values.length > MAX_QUEUE_LENGTH)
    throw new StoreLimitError(
      `queue ${namespace}/${queue_name} holds ${MAX_QUEUE_LENGTH} values already: take some out`,
    );
  if (old === undefined && books.now.queues >= MAX_QUEUES)
    throw new StoreLimitError(`there are ${MAX_QUEUES} queues already: empty or delete one first`);
  const queue = old ?? { lane: books.next(), first: 0, next: 0, bytes: 0 };
  let bytes = 0;
  for (const [n, value] of values.entries()) {
    bytes += sizeOf(`${namespace}/${queue_name}`, value);
    state.put(places.item(queue.lane, queue.next + n), value);
  }
  books.add({ bytes, queues: old === undefined ? 1 : 0 });
  const grown = { ...queue, next: queue.next + values.length, bytes: queue.bytes + bytes };
  state.put(places.queue(namespace, queue_name), grown);
  return lengthOf(grown);
}

/** The oldest value, taken out; undefined when there is none. */
export function pop(state: TxState, request: QueueRequest): { value: unknown; length: number } | undefined {
  const queue = findQueue(state, request);
  if (queue === undefined) return undefined;
  const place = places.item(queue.lane, queue.first);
  const value = state.get(place);
  state.delete(place);
  const books = new OpenBooks(state);
  const bytes = sizeOf("", value);
  const left = { ...queue, first: queue.first + 1, bytes: queue.bytes - bytes };
  const isEmpty = left.first === left.next;
  books.add({ bytes: -bytes, queues: isEmpty ? -1 : 0 });
  books.close();
  const at = places.queue(request.namespace, request.queue_name);
  if (isEmpty) state.delete(at);
  else state.put(at, left);
  return { value, length: lengthOf(left) };
}

/** The oldest values, left where they are; as many as fit into one answer, at least one. */
export function peek(state: StateReader, request: QueueRequest, limit: number): unknown[] {
  const queue = findQueue(state, request);
  if (queue === undefined) return [];
  const values: unknown[] = [];
  let bytes = 0;
  for (let n = queue.first; n < queue.next && values.length < limit; n++) {
    const value = state.get(places.item(queue.lane, n));
    bytes += sizeOf("", value);
    if (bytes > MAX_ANSWER_BYTES && values.length > 0) break;
    values.push(value);
  }
  return values;
}

/** All values of the queue; for those that were found small enough. */
export function peekAll(state: StateReader, request: QueueRequest): unknown[] {
  const { lane, first, next } = findQueue(state, request) ?? { lane: 0, first: 0, next: 0 };
  return Array.from({ length: next - first }, (_, n) => state.get(places.item(lane, first + n)));
}

/** Empties the queue; says how many values it held. Their places are swept later, so it takes no longer for a hundred thousand. */
export function clear(state: TxState, request: QueueRequest): number {
  const books = new OpenBooks(state);
  const cleared = discard(state, books, request);
  books.close();
  return cleared;
}

function discard(state: TxState, books: OpenBooks, request: QueueRequest): number {
  const queue = findQueue(state, request);
  if (queue === undefined) return 0;
  const { lane, first, next, bytes } = queue;
  state.delete(places.queue(request.namespace, request.queue_name));
  state.put(places.trash(lane), { lane, first, next });
  books.add({ bytes: -bytes, queues: -1 });
  return lengthOf(queue);
}

/** Replaces all values. @throws {StoreLimitError} */
export function replace(
  state: TxState,
  request: QueueRequest,
  values: readonly unknown[],
): { replaced: number } {
  const books = new OpenBooks(state);
  const replaced = discard(state, books, request);
  if (values.length > 0) append(state, books, request, values);
  books.close();
  return { replaced };
}

/** All queues that hold something. */
export function listQueues(state: StateReader): { namespace: string; queue_name: string; length: number }[] {
  return state.list<Queue>(places.queues, MAX_QUEUES).map(({ key, value }) => {
    const [namespace = "", queue_name = ""] = key.slice(places.queues.length).split("/");
    return { namespace, queue_name, length: lengthOf(value) };
  });
}
