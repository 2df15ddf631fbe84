/**
 * Answers of pushes and pops by `request_id`, kept in the same transaction as what they did: who asks again, because the answer
 * was lost, gets the same answer, and nothing happens twice (P3). Bounded; the oldest makes room.
 */
import type { TxState } from "@kloros/bus";
import { OpenBooks } from "./books.ts";
import { RequestIdReusedError } from "./errors.ts";
import { MAX_REMEMBERED, MAX_REMEMBERED_BYTES } from "./limits.ts";
import { places } from "./places.ts";

interface Remembered {
  readonly request_id: string;
  /** What was asked for, in words. */
  readonly what: string;
  readonly bytes: number;
  readonly answer: unknown;
}

/**
 * The answer of `carryOut`, or the one that the same request had before. `undefined` is not remembered: nothing was done.
 * @throws {RequestIdReusedError} the id belongs to another request
 */
export function once<T>(
  state: TxState,
  requestId: string | undefined,
  what: string,
  carryOut: () => T | undefined,
): { readonly answer: T | undefined; readonly isRepeated: boolean } {
  const n = requestId === undefined ? undefined : state.get<number>(places.request(requestId));
  const before = n === undefined ? undefined : state.get<Remembered>(places.answer(n));
  if (requestId !== undefined && before !== undefined) {
    if (before.what !== what) throw new RequestIdReusedError(requestId, before.what);
    return { answer: before.answer as T, isRepeated: true };
  }
  const answer = carryOut();
  if (requestId !== undefined && answer !== undefined)
    remember(state, { request_id: requestId, what, answer });
  return { answer, isRepeated: false };
}

function remember(state: TxState, fresh: Omit<Remembered, "bytes">): void {
  const books = new OpenBooks(state);
  let { first, next, bytes } = books.now.answers;
  const size = Buffer.byteLength(JSON.stringify(fresh.answer));
  state.put(places.answer(next), { ...fresh, bytes: size });
  state.put(places.request(fresh.request_id), next);
  next++;
  bytes += size;
  while (next - first > MAX_REMEMBERED || (bytes > MAX_REMEMBERED_BYTES && next - first > 1)) {
    const oldest = state.get<Remembered>(places.answer(first));
    state.delete(places.answer(first++));
    if (oldest === undefined) continue;
    state.delete(places.request(oldest.request_id));
    bytes -= oldest.bytes;
  }
  books.setAnswers({ first, next, bytes });
  books.close();
}
