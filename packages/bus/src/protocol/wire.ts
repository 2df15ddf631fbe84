/**
 * What receptor and emitter say to each other on the ledger socket: one JSON frame, a batch with a second frame of NDJSON.
 * Decoding trusts nothing: whatever is not exactly a known message is `null`, to be counted and dropped.
 */
import type { EpochSpan, NameHead } from "./positions.ts";

export const WIRE_VERSION = 1;
/** Topic of the heartbeat on the live socket. No signal name can start like this. */
export const HEARTBEAT_TOPIC = "HEARTBEAT";

export interface Hello {
  readonly t: "hello";
  readonly v: number;
  readonly consumer: string;
  /** Contract hash by signal name: what the consumer understands. */
  readonly names: Readonly<Record<string, string>>;
  /** Where the consumer stands; null: it was never here. */
  readonly epoch: string | null;
  readonly cursors: Readonly<Record<string, number>>;
}

export interface Welcome {
  readonly t: "welcome";
  readonly emitter: string;
  readonly epochs: readonly EpochSpan[];
  /** Oldest seq still held. */
  readonly first: number;
  readonly last: number;
  readonly names: Readonly<Record<string, NameHead>>;
  /** Names whose contract differs between the two ends (P8). */
  readonly mismatch: readonly string[];
}

export interface Fetch {
  readonly t: "fetch";
  readonly req: number;
  readonly consumer: string;
  readonly epoch: string;
  /** By name: everything after this seq … */
  readonly after: Readonly<Record<string, number>>;
  /** … but at most so many. */
  readonly room: Readonly<Record<string, number>>;
  /** Nothing that matters lies before this seq. */
  readonly from: number;
}

/** A stretch of journal whose content is destroyed: by name its last seq and how many; null when not even that could be read. */
export interface CorruptSpan {
  readonly first: number;
  readonly names: Readonly<Record<string, { readonly last: number; readonly count: number }>> | null;
}

export interface Batch {
  readonly t: "batch";
  readonly req: number;
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
  /** Everything asked for up to this seq is in this batch. */
  readonly upto: number;
  readonly names: Readonly<Record<string, NameHead>>;
  readonly corrupt: readonly CorruptSpan[];
}

/** Asks for nothing but an answer: whether the emitter's event loop and its ledger socket work. */
export interface Ping {
  readonly t: "ping";
  readonly consumer: string;
  readonly req: number;
}

export interface Pong {
  readonly t: "pong";
  readonly req: number;
  /** The emitter's newest seq. */
  readonly last: number;
}

export interface Ack {
  readonly t: "ack";
  readonly consumer: string;
  readonly epoch: string;
  readonly cursors: Readonly<Record<string, number>>;
}

/** The emitter does not know this consumer's epoch (any more): say hello again. */
export interface Unwelcome {
  readonly t: "unwelcome";
  readonly reason: string;
}

export interface Heartbeat {
  readonly emitter: string;
  readonly epoch: string;
  readonly last: number;
  /** Newest seq by signal name. */
  readonly heads: Readonly<Record<string, number>>;
  readonly load: Readonly<Record<string, number>>;
}

export type ToEmitter = Hello | Fetch | Ack | Ping;
export type ToReceptor = Welcome | Batch | Unwelcome;

/** Largest JSON frame that is looked at, in bytes: the names of a few hundred signals fit many times. */
const MAX_HEADER_BYTES = 256 * 1024;

export function encode(message: ToEmitter | ToReceptor | Pong | Heartbeat): Buffer {
  return Buffer.from(JSON.stringify(message));
}

export function decodeToEmitter(frame: Uint8Array): ToEmitter | null {
  const message = parseObject(frame);
  if (message === null || !isText(message["consumer"])) return null;
  const cursors = isRecordOf(message["cursors"], isSeq);
  if (message["t"] === "hello") {
    const known = message["v"] === WIRE_VERSION && isRecordOf(message["names"], isText) && cursors;
    return known && (message["epoch"] === null || isText(message["epoch"]))
      ? (message as unknown as Hello)
      : null;
  }
  if (message["t"] === "ping") return isSeq(message["req"]) ? (message as unknown as Ping) : null;
  if (!isText(message["epoch"])) return null;
  if (message["t"] === "ack") return cursors ? (message as unknown as Ack) : null;
  if (message["t"] !== "fetch") return null;
  const asked = isSeq(message["req"]) && isSeq(message["from"]) && isRecordOf(message["after"], isSeq);
  return asked && isRecordOf(message["room"], isSeq) ? (message as unknown as Fetch) : null;
}

export function decodeToReceptor(frame: Uint8Array): ToReceptor | null {
  const message = parseObject(frame);
  if (message === null) return null;
  if (message["t"] === "unwelcome")
    return isText(message["reason"]) ? (message as unknown as Unwelcome) : null;
  if (!isSeq(message["first"]) || !isSeq(message["last"]) || !isRecordOf(message["names"], isNameHead))
    return null;
  if (message["t"] === "welcome") {
    const whole =
      isText(message["emitter"]) &&
      isListOf(message["epochs"], isEpochSpan) &&
      isListOf(message["mismatch"], isText);
    return whole ? (message as unknown as Welcome) : null;
  }
  if (message["t"] !== "batch") return null;
  const whole =
    isSeq(message["req"]) &&
    isSeq(message["upto"]) &&
    isText(message["epoch"]) &&
    isListOf(message["corrupt"], isCorruptSpan);
  return whole ? (message as unknown as Batch) : null;
}

/** The answer to a ping; receptors ask none, so it is no message of theirs. */
export function decodePong(frame: Uint8Array): Pong | null {
  const message = parseObject(frame);
  const whole = message?.["t"] === "pong" && isSeq(message["req"]) && isSeq(message["last"]);
  return whole ? (message as unknown as Pong) : null;
}

export function decodeHeartbeat(frame: Uint8Array): Heartbeat | null {
  const message = parseObject(frame);
  if (message === null || !isText(message["emitter"]) || !isText(message["epoch"]) || !isSeq(message["last"]))
    return null;
  return isRecordOf(message["heads"], isSeq) ? (message as unknown as Heartbeat) : null;
}

function parseObject(frame: Uint8Array): Record<string, unknown> | null {
  if (frame.length > MAX_HEADER_BYTES) return null;
  try {
    const value: unknown = JSON.parse(
      Buffer.from(frame.buffer, frame.byteOffset, frame.length).toString("utf8"),
    );
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean =>
  typeof value === "string" && value.length > 0 && value.length <= 256;
const isSeq = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isRecordOf = (value: unknown, check: (item: unknown) => boolean): boolean =>
  isObject(value) && Object.values(value).every(check);
const isListOf = (value: unknown, check: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(check);
const isNameHead = (value: unknown): boolean =>
  isObject(value) && isSeq(value["last"]) && isSeq(value["count"]) && isSeq(value["pruned"]);
const isEpochSpan = (value: unknown): boolean =>
  isObject(value) && isText(value["epoch"]) && isSeq(value["first"]);
const isCorruptSpan = (value: unknown): boolean =>
  isObject(value) &&
  isSeq(value["first"]) &&
  (value["names"] === null || isRecordOf(value["names"], isCorruptPart));
const isCorruptPart = (value: unknown): boolean =>
  isObject(value) && isSeq(value["last"]) && isSeq(value["count"]);
