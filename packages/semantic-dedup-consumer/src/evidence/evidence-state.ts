/**
 * Questions in the daemon's durable state, in shards, so that they can be read back piece by piece; and the
 * investigations that were seen, so that none counts twice (P3).
 */
import { createHash } from "node:crypto";
import type { StateReader, Tx } from "@kloros/bus";
import type { QuestionEntry } from "./question-entry.ts";

const QUESTIONS = "question:";
const SEEN = "seen:";
/** Shards: the first two hex digits of a key's hash. */
const SHARDS = Array.from({ length: 256 }, (_, shard) => shard.toString(16).padStart(2, "0"));
/** Questions of one shard read at once; shards of 200,000 questions have some 800. */
const MAX_PER_SHARD = 10_000;
/** Investigations remembered per shard, that is half a million in all; ids are ordered by time, the oldest are forgotten. */
const MAX_SEEN_PER_SHARD = 2_000;

export function questionOf(state: StateReader, questionId: string): QuestionEntry | undefined {
  return state.get<QuestionEntry>(keyOf(questionId));
}

export function putQuestion({ state }: Pick<Tx, "state">, entry: QuestionEntry): void {
  state.put(keyOf(entry.question_id), entry);
}

export function forgetQuestion({ state }: Pick<Tx, "state">, questionId: string): void {
  state.delete(keyOf(questionId));
}

/** All questions, a shard at a time; between two, others have their turn if the caller lets them. */
export function* shardsOf(state: StateReader): Generator<QuestionEntry[]> {
  for (const shard of SHARDS)
    yield state.list<QuestionEntry>(`${QUESTIONS}${shard}:`, MAX_PER_SHARD).map(({ value }) => value);
}

/** Whether this investigation was counted before; if not, it is from now on. */
export function isRepeated({ state }: Pick<Tx, "state">, investigationId: string): boolean {
  const hash = hashOf(investigationId);
  const id = investigationId.length <= 200 ? investigationId : hash; // The limit of state keys.
  const key = `${SEEN}${hash.slice(0, 2)}:${id}`;
  if (state.get(key) !== undefined) return true;
  state.put(key, true);
  return false;
}

/** Forgets the oldest investigations of one shard when it holds too many. @param turn any number; each in its turn */
export function pruneSeen({ state }: Pick<Tx, "state">, turn: number): void {
  const prefix = `${SEEN}${SHARDS[turn % SHARDS.length] ?? ""}:`;
  const seen = state.list(prefix, MAX_SEEN_PER_SHARD + 1_000);
  for (const { key } of seen.slice(0, Math.max(0, seen.length - MAX_SEEN_PER_SHARD))) state.delete(key);
}

function keyOf(questionId: string): string {
  const hash = hashOf(questionId);
  return `${QUESTIONS}${hash.slice(0, 2)}:${hash}`;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 40);
}
