/** Reads large files of lines without holding up the event loop: at most a few milliseconds at a time. */
import { open } from "node:fs/promises";
import { setImmediate as turn } from "node:timers/promises";
import { StringDecoder } from "node:string_decoder";

/** Longest time of work before others have theirs, in milliseconds. */
const SLICE_MS = 8;
/** Bytes read at once. */
const CHUNK_BYTES = 64 * 1024;

/** The lines of a file, without their newlines; a file that does not exist has none. */
export async function* linesOf(path: string): AsyncGenerator<string, void, undefined> {
  const handle = await open(path, "r").catch((cause: unknown) => {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    throw cause;
  });
  if (handle === null) return;
  const decoder = new StringDecoder("utf8");
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const pause = breather();
  let rest = "";
  try {
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES);
      if (bytesRead === 0) break;
      const lines = (rest + decoder.write(chunk.subarray(0, bytesRead))).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        yield line;
        await pause();
      }
    }
    if (rest !== "") yield rest;
  } finally {
    await handle.close();
  }
}

/** To be awaited often: lets others work once a slice of time is used up, and costs nothing otherwise. */
export function breather(): () => Promise<void> | undefined {
  let sinceMs = performance.now();
  return () => {
    if (performance.now() - sinceMs < SLICE_MS) return undefined;
    return turn().then(() => {
      sinceMs = performance.now();
    });
  };
}
