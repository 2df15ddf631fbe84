/** A frame of NDJSON, line by line. */
import { isUtf8 } from "node:buffer";

const NEWLINE = 10;

/** The lines of a frame: as text, decoded in one go; as bytes only where the frame is not UTF-8 and each line must be judged by itself. */
export function lines(payload: Buffer): Iterable<string | Buffer> {
  if (!isUtf8(payload)) return byteLines(payload);
  const text = payload.toString("utf8");
  const list = text.split("\n");
  if (list[list.length - 1] === "") list.pop();
  return list;
}

function* byteLines(payload: Buffer): Generator<Buffer> {
  let start = 0;
  while (start < payload.length) {
    const newline = payload.indexOf(NEWLINE, start);
    const end = newline < 0 ? payload.length : newline;
    if (end > start) yield payload.subarray(start, end);
    start = end + 1;
  }
}

/** The same memory as a Buffer. */
export function bytesOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
