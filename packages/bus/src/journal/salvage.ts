/**
 * The last resort for a journal that cannot be opened any more: finds every whole signal that is still somewhere in the
 * file, without understanding the file. What retention had removed may come back; nothing that was not once journalled does.
 */
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { syncDirectory } from "../files/write-file-atomic.ts";
import { parseEnvelope } from "../signal/parse-envelope.ts";
import { DATA_FILE } from "./lmdb-file.ts";

export interface Salvaged {
  readonly signals: number;
  /** Positions of the first and the last one; null when there is none. */
  readonly firstSeq: number | null;
  readonly lastSeq: number | null;
}

interface Place {
  readonly seq: number;
  readonly epoch: string;
  readonly at: number;
  readonly bytes: number;
}

const MARK = Buffer.from('{"signal":"Q_');
const NEWLINE = 10;
/** Read at once, in bytes; at least twice the largest line. */
const WINDOW_BYTES = 8 * 1024 * 1024;
/** Longest line that can be a signal, in bytes: larger limits than the default are salvaged up to here. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;
const LIMITS = { maxBytes: MAX_LINE_BYTES, maxDepth: 256 };

/**
 * Writes the whole signals in the journal folder `path` as NDJSON to the file `target`, each once, in journal order.
 * @throws {Error} with the system's code when the journal's file cannot be read or `target` cannot be written
 */
export async function salvageJournal(path: string, target: string): Promise<Salvaged> {
  const file = openSync(join(path, DATA_FILE), "r");
  try {
    const places = findPlaces(file);
    copy(file, places, target);
    await syncDirectory(dirname(target));
    return { signals: places.length, firstSeq: places[0]?.seq ?? null, lastSeq: places.at(-1)?.seq ?? null };
  } finally {
    closeSync(file);
  }
}

/** One line at a time: a journal may be larger than the memory. */
function copy(file: number, places: readonly Place[], target: string): void {
  const part = `${target}.part`;
  const output = openSync(part, "w", 0o600);
  try {
    for (const { at, bytes } of places) writeSync(output, read(file, at, bytes));
    fsyncSync(output);
  } finally {
    closeSync(output);
  }
  renameSync(part, target);
}

function findPlaces(file: number): Place[] {
  const found = new Map<string, Place>();
  const { size } = fstatSync(file);
  for (let start = 0; start < size; start += WINDOW_BYTES - MAX_LINE_BYTES) {
    const window = read(file, start, Math.min(WINDOW_BYTES, size - start));
    for (let at = window.indexOf(MARK); at >= 0; at = window.indexOf(MARK, at + 1)) {
      const place = placeOf(window, at, start);
      if (place !== null) found.set(`${place.epoch}/${String(place.seq)}`, place);
    }
  }
  return [...found.values()].sort((a, b) => a.seq - b.seq);
}

function placeOf(window: Buffer, at: number, start: number): Place | null {
  const newline = window.indexOf(NEWLINE, at);
  if (newline < 0) return null;
  const parsed = parseEnvelope(window.subarray(at, newline), LIMITS);
  if (parsed.kind === "bad" || parsed.envelope.seq === 0) return null;
  const { seq, epoch } = parsed.envelope;
  return { seq, epoch, at: start + at, bytes: newline + 1 - at };
}

function read(file: number, at: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  return buffer.subarray(0, readSync(file, buffer, 0, bytes, at));
}
