/**
 * Finds a record that was committed long ago, for a question that is asked again. Rare, so there is no index: the files
 * are searched as bytes, newest first, and only a line that holds the id is parsed.
 */
import { createReadStream } from "node:fs";
import { readJsonLines } from "@kloros/bus";
import type { InvestigationRecord } from "../record.ts";

/** Bytes searched at a stretch; some milliseconds at most. */
const CHUNK_BYTES = 1024 * 1024;
const NEWLINE = 10;

/** The record with this id, of the first file that has it; undefined when none has. */
export async function findRecord(
  paths: readonly string[],
  investigationId: string,
  signal: AbortSignal,
): Promise<InvestigationRecord | undefined> {
  const needle = Buffer.from(JSON.stringify(investigationId));
  for (const path of paths) {
    for await (const offset of linesWith(path, needle, signal)) {
      for await (const { value } of readJsonLines<InvestigationRecord>(path, { from: offset })) {
        if (value.investigation_id === investigationId) return value;
        break;
      }
    }
  }
  return undefined;
}

/** Where lines begin that hold the needle. */
async function* linesWith(path: string, needle: Buffer, signal: AbortSignal): AsyncGenerator<number> {
  let position = 0; // Of `rest` in the file.
  let lineStart = 0;
  let rest = Buffer.alloc(0);
  try {
    const stream = createReadStream(path, { highWaterMark: CHUNK_BYTES, signal });
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const bytes = Buffer.concat([rest, chunk]);
      for (let at = bytes.indexOf(needle); at !== -1; at = bytes.indexOf(needle, at + 1)) {
        const newline = bytes.lastIndexOf(NEWLINE, at);
        yield newline === -1 ? lineStart : position + newline + 1;
      }
      const kept = Math.min(bytes.length, needle.length - 1); // Half a needle may stand at the end.
      const newline = bytes.lastIndexOf(NEWLINE, bytes.length - kept - 1);
      if (newline !== -1) lineStart = position + newline + 1;
      position += bytes.length - kept;
      rest = bytes.subarray(bytes.length - kept);
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
  }
}
