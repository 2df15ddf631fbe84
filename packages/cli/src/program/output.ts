/** Standard output of a command: waits for slow readers (P5), ends quietly when the reader has gone (`| head`). */
import { once } from "node:events";
import { EXIT } from "./exit-codes.ts";

/** Longest wait for a reader at the end, in milliseconds. */
const FLUSH_MS = 5_000;

/** Writes one line; resolves when the reader keeps up, so that nothing piles up in memory. */
export async function printLine(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, "drain");
}

/** Prints a value as one JSON document. */
export async function printJson(value: unknown): Promise<void> {
  await printLine(JSON.stringify(value, null, 2));
}

/** A message beside the result, for people; never mixed into what a program reads. */
export function remark(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A closed pipe is the reader's way to say "enough". */
export function leaveQuietlyOnClosedPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || error.code === "EIO") process.exit(EXIT.done);
    throw error;
  });
  process.stderr.on("error", () => undefined);
}

/** Resolves when everything written has left the process. */
export async function flushOutput(): Promise<void> {
  const written = [process.stdout, process.stderr].map(
    (stream) =>
      new Promise<void>((resolve) => {
        stream.write("", () => resolve());
      }),
  );
  const late = new Promise<void>((resolve) => {
    setTimeout(resolve, FLUSH_MS).unref();
  });
  await Promise.race([Promise.all(written), late]);
}
