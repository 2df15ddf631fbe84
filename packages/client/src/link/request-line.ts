/** The line that asks, within what a daemon reads. Pure. */
import { RequestUnsendableError } from "../errors.ts";

/** Longest request that a daemon reads, in bytes: the largest signal. */
const MAX_REQUEST_BYTES = 1024 * 1024;

/** @throws {RequestUnsendableError} too long, or not to be written as JSON */
export function requestLine(event: string, data: unknown, id: string): string {
  let line: string;
  try {
    line = JSON.stringify({ event, data: data ?? {}, correlation_id: id });
  } catch (cause) {
    throw new RequestUnsendableError(event, `its data cannot be written as JSON (${String(cause)})`, {
      cause,
    });
  }
  const bytes = Buffer.byteLength(line);
  if (bytes <= MAX_REQUEST_BYTES) return `${line}\n`;
  throw new RequestUnsendableError(
    event,
    `the request has ${bytes} bytes, ${MAX_REQUEST_BYTES} are read; put the bulk into a file and send its path`,
  );
}
