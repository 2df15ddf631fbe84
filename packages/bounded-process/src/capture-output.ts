/** What a run writes, up to its limit; the rest is never held. */
import type { Readable } from "node:stream";

export interface Captured {
  /** What came, at most the limit; cut inside a character, that character is replaced. */
  text(): string;
}

/** Collects `stream`; `onOverflow` is called once, when more than `limitBytes` came. */
export function captureOutput(stream: Readable, limitBytes: number, onOverflow: () => void): Captured {
  const chunks: Buffer[] = [];
  let size = 0;
  let overflowed = false;
  stream.on("error", () => undefined); // A pipe that breaks has ended.
  stream.on("data", (chunk: Buffer) => {
    if (overflowed) return;
    const room = limitBytes - size;
    chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
    size += Math.min(chunk.length, room);
    if (chunk.length <= room) return;
    overflowed = true;
    stream.destroy();
    onOverflow();
  });
  return { text: () => Buffer.concat(chunks).toString("utf8") };
}
