/**
 * Reading through bare file descriptors. A `FileHandle` is an object that the garbage collector must finalise; tens of
 * thousands of them, one per intent, outlive the young generation and were most of what a backlog cost in memory.
 */
import { close, fstat, open, read, type BigIntStats } from "node:fs";
import { promisify } from "node:util";

const opened = promisify(open);
const closed = promisify(close);
const filled = promisify(read);

/** Opens, hands the descriptor to `use`, closes. @throws system errors */
export async function withDescriptor<T>(
  path: string | Buffer,
  flags: number,
  use: (descriptor: number) => Promise<T>,
): Promise<T> {
  const descriptor = await opened(path, flags);
  try {
    return await use(descriptor);
  } finally {
    await closed(descriptor);
  }
}

export async function statsOf(descriptor: number): Promise<BigIntStats> {
  return new Promise((resolve, reject) => {
    fstat(descriptor, { bigint: true }, (cause, stats) => {
      if (cause) reject(cause);
      else resolve(stats);
    });
  });
}

/** Up to `size` bytes from the beginning of the file; fewer when it has become shorter. */
export async function readUpTo(descriptor: number, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size); // its own memory, not a slice of a shared pool that would be held with it
  let length = 0;
  while (length < size) {
    const { bytesRead } = await filled(descriptor, bytes, length, size - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}
