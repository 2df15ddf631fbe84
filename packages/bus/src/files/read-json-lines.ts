/**
 * Reads JSON Lines that others may be appending to at this moment, or were killed while appending to.
 * What is no JSON is skipped and reported, never thrown; memory is bounded by the longest line allowed.
 */
import { createReadStream } from "node:fs";
import { MAX_LINE_BYTES } from "./durable-appender.ts";
import { errnoOf, FileError } from "./errors.ts";

export interface JsonLine<T = unknown> {
  readonly value: T;
  /** Byte offset at which the line begins. */
  readonly offset: number;
  /** Byte offset behind its newline: the `from` of the next reading. */
  readonly end: number;
}

export interface SkippedLine {
  readonly offset: number;
  readonly bytes: number;
  /** `torn`: the last line, without newline and not (yet) whole. */
  readonly reason: "not-json" | "too-long" | "torn";
}

export interface ReadJsonLinesOptions {
  /** Byte offset of the beginning of a line. Default 0. */
  readonly from?: number;
  /** Longer lines are skipped without being held in memory. Default 16 MiB. */
  readonly maxLineBytes?: number;
  readonly onSkip?: (skipped: SkippedLine) => void;
}

interface RawLine {
  readonly offset: number;
  readonly bytes: number;
  /** null: longer than the limit. */
  readonly content: Buffer | null;
  readonly ended: boolean;
}

const NEWLINE = 0x0a;

/**
 * Yields each whole line of the file in order; a file that does not exist has none. Returns how many were
 * read and skipped. Blank lines count as neither.
 * @throws {FileError} the file exists and cannot be read
 */
export async function* readJsonLines<T = unknown>(
  path: string,
  options: ReadJsonLinesOptions = {},
): AsyncGenerator<JsonLine<T>, { read: number; skipped: number }, undefined> {
  let read = 0;
  let skipped = 0;
  for await (const raw of rawLines(path, options.from ?? 0, options.maxLineBytes ?? MAX_LINE_BYTES)) {
    const parsed = parse<T>(raw);
    if (parsed.kind === "blank") continue;
    if (parsed.kind === "skipped") {
      skipped++;
      options.onSkip?.({ offset: raw.offset, bytes: raw.bytes, reason: parsed.reason });
      continue;
    }
    read++;
    yield { value: parsed.value, offset: raw.offset, end: raw.offset + raw.bytes };
  }
  return { read, skipped };
}

type Parsed<T> =
  { kind: "value"; value: T } | { kind: "blank" } | { kind: "skipped"; reason: SkippedLine["reason"] };

function parse<T>(raw: RawLine): Parsed<T> {
  if (raw.content === null) return { kind: "skipped", reason: "too-long" };
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(raw.content).trim();
    if (text === "") return { kind: "blank" };
    const value = JSON.parse(text) as T;
    // Without its newline only an object or array is certainly whole: `12` may be the start of `123`.
    if (!raw.ended && (typeof value !== "object" || value === null))
      return { kind: "skipped", reason: "torn" };
    return { kind: "value", value };
  } catch {
    return { kind: "skipped", reason: raw.ended ? "not-json" : "torn" };
  }
}

async function* rawLines(path: string, from: number, maxLineBytes: number): AsyncGenerator<RawLine> {
  let parts: Buffer[] = [];
  let length = 0;
  let offset = from;
  const take = (ended: boolean): RawLine => {
    const content = length > maxLineBytes ? null : Buffer.concat(parts);
    const line = { offset, bytes: length + (ended ? 1 : 0), content, ended };
    offset += line.bytes;
    parts = [];
    length = 0;
    return line;
  };
  const collect = (piece: Buffer) => {
    length += piece.length;
    if (length > maxLineBytes) parts = [];
    else parts.push(piece);
  };
  try {
    for await (const chunk of createReadStream(path, { start: from }) as AsyncIterable<Buffer>) {
      let start = 0;
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, start)) {
        collect(chunk.subarray(start, at));
        start = at + 1;
        yield take(true);
      }
      collect(chunk.subarray(start));
    }
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return;
    throw new FileError("read", path, cause);
  }
  if (length > 0) yield take(false);
}
