/**
 * One file of the promotions folder: looked at, and read when it may have changed. Synchronous (see slices.ts), never
 * follows a link, never waits (a pipe is opened without blocking and not read), never reads more than the limit.
 */
import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from "node:fs";
import {
  MAX_PROMOTION_BYTES,
  parsePromotion,
  promotionKey,
  type PromotionReading,
  type PromotionRefusal,
} from "@kloros/experiments";

/** Why a file is no promotion; the last three are about the file itself. */
export type RefusalCode = PromotionRefusal | "NotAFile" | "Unreadable" | "BadName";

export type FileReading =
  | { readonly kind: "gone" }
  /** Same device, inode, size and times as before. */
  | { readonly kind: "unchanged" }
  /** There is no content to speak of. */
  | {
      readonly kind: "barred";
      readonly identity: string | null;
      readonly code: RefusalCode;
      readonly reason: string;
    }
  | {
      readonly kind: "read";
      readonly identity: string;
      /** `promotionKey` of the bytes. */
      readonly key: string;
      /** Milliseconds since 1970. */
      readonly modifiedMs: number;
      readonly reading: PromotionReading;
    };

/** Never a link, never a wait for a writer at the other end of a pipe. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
/** The system cannot do it now, whatever the file: the whole scan is to be tried again. */
const PASSING = new Set(["EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "EINTR"]);
const GONE = new Set(["ENOENT", "ENOTDIR"]);
/** What `open` says of links, and of sockets and devices. */
const NO_FILE = new Set(["ELOOP", "ENXIO", "ENODEV"]);

const buffer = Buffer.allocUnsafe(MAX_PROMOTION_BYTES + 1);

/**
 * @param knownIdentity of the last look; null reads in any case
 * @throws what the system says when it is short of something
 */
export function readPromotionFile(
  path: string,
  knownIdentity: string | null,
  signingKey: Uint8Array | null,
): FileReading {
  try {
    if (knownIdentity !== null) {
      const seen = lstatSync(path, { throwIfNoEntry: false });
      if (seen === undefined) return { kind: "gone" };
      if (identityOf(seen) === knownIdentity) return { kind: "unchanged" };
    }
    return readOpen(openSync(path, OPEN_FLAGS), signingKey);
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (GONE.has(code)) return { kind: "gone" };
    if (NO_FILE.has(code)) return notAFile(null, code === "ELOOP" ? "a symbolic link" : "a socket or device");
    if (code === "" || PASSING.has(code)) throw error;
    // Without identity: tried again at every scan, since nothing of the file may change when it becomes readable.
    return { kind: "barred", identity: null, code: "Unreadable", reason: `cannot be read: ${message}` };
  }
}

function readOpen(descriptor: number, signingKey: Uint8Array | null): FileReading {
  try {
    const stats = fstatSync(descriptor);
    const identity = identityOf(stats);
    if (!stats.isFile()) return notAFile(identity, stats.isDirectory() ? "a folder" : "a pipe or device");
    let length = readSync(descriptor, buffer, 0, buffer.length, null);
    // What is appended from here on changes the file's times: it is seen by the next look.
    for (let read = length; read !== 0 && length < stats.size && length < buffer.length; length += read)
      read = readSync(descriptor, buffer, length, buffer.length - length, null);
    if (length > MAX_PROMOTION_BYTES) {
      const reason = `is larger than ${MAX_PROMOTION_BYTES} bytes`;
      return { kind: "barred", identity, code: "TooLarge", reason };
    }
    const bytes = buffer.subarray(0, length);
    const key = promotionKey(bytes);
    return { kind: "read", identity, key, modifiedMs: stats.mtimeMs, reading: readBytes(bytes, signingKey) };
  } finally {
    closeSync(descriptor);
  }
}

function readBytes(bytes: Buffer, signingKey: Uint8Array | null): PromotionReading {
  if (isUtf8(bytes)) return parsePromotion(bytes.toString("utf8"), { signingKey });
  return { kind: "refused", code: "NotJson", reason: "is not UTF-8 text" }; // Perhaps cut inside a character.
}

function identityOf({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  return `${dev}:${ino}:${size}:${mtimeMs}:${ctimeMs}`;
}

function notAFile(identity: string | null, what: string): FileReading {
  const reason = `is ${what}, not a file; only plain files are promotions`;
  return { kind: "barred", identity, code: "NotAFile", reason };
}
