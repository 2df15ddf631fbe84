/**
 * One careful look at one file: what it is, and if it is a plain file of fair size, its bytes.
 * Nothing is opened that could block or have effects (FIFO, device, socket), no link is followed.
 */
import { constants } from "node:fs";
import { lstat, readlink } from "node:fs/promises";
import type { BigIntStats } from "node:fs";
import { errnoOf } from "../errno.ts";
import type { Problem } from "../problem.ts";
import { readUpTo, statsOf, withDescriptor } from "./descriptor.ts";
import { identityOf, type FileIdentity } from "./file-identity.ts";
import { pathOf, type RawName } from "./raw-name.ts";

export interface Sight {
  readonly identity: FileIdentity;
  /** When its content was last written, in milliseconds since the epoch. */
  readonly mtimeMs: number;
  /** When anything about it was last changed, its name included. */
  readonly ctimeMs: number;
}

/** `unreadable` may pass (a writer may yet change the mode); `unusable` may not. */
export type Look =
  | { readonly kind: "gone" }
  | (Sight & { readonly kind: "read"; readonly bytes: Uint8Array })
  | (Sight & { readonly kind: "unreadable" | "unusable"; readonly problem: Problem });

/** Errors that say nothing about the file; the look is to be repeated later. */
const TRANSIENT: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "ENOMEM", "EINTR", "EAGAIN", "ELOOP"]);

const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** @throws the system's error when it says nothing about the file (no descriptors, no memory) */
export async function lookAtFile(folder: string, name: RawName, maxBytes: number): Promise<Look> {
  const path = pathOf(folder, name);
  let stats: BigIntStats;
  try {
    stats = await lstat(path, { bigint: true });
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return { kind: "gone" };
    throw cause;
  }
  const about = sightOf(stats);
  const message = await notAnIntent(path, stats, maxBytes);
  if (message !== undefined) return { kind: "unusable", ...about, problem: { path: "", message } };
  try {
    return await withDescriptor(path, OPEN_FLAGS, async (descriptor) => readWhole(descriptor, maxBytes));
  } catch (cause) {
    const code = errnoOf(cause);
    if (code === "ENOENT") return { kind: "gone" };
    if (TRANSIENT.has(code)) throw cause;
    const problem = {
      path: "",
      message: `cannot be read (${code}); its mode is ${modeText(stats)}, its owner ${stats.uid}`,
    };
    return { kind: "unreadable", ...about, problem };
  }
}

async function readWhole(descriptor: number, maxBytes: number): Promise<Look> {
  const stats = await statsOf(descriptor);
  const sight = sightOf(stats);
  if (!stats.isFile() || stats.size > maxBytes) {
    const message = stats.isFile()
      ? oversizeMessage(stats.size, maxBytes)
      : "changed its kind while it was looked at";
    return { kind: "unusable", ...sight, problem: { path: "", message } };
  }
  return { kind: "read", ...sight, bytes: await readUpTo(descriptor, Number(stats.size)) };
}

function sightOf(stats: BigIntStats): Sight {
  const [mtimeMs, ctimeMs] = [Number(stats.mtimeNs / 1000n) / 1000, Number(stats.ctimeNs / 1000n) / 1000];
  return { identity: identityOf(stats), mtimeMs, ctimeMs };
}

/** Why this can be no intent whatever it holds; undefined for a plain file of fair size. */
async function notAnIntent(
  path: string | Buffer,
  stats: BigIntStats,
  maxBytes: number,
): Promise<string | undefined> {
  if (stats.isFile()) return stats.size > maxBytes ? oversizeMessage(stats.size, maxBytes) : undefined;
  if (stats.isSymbolicLink()) {
    const target = await readlink(path).catch(() => "?");
    return `is a symbolic link (to ${JSON.stringify(target)}); links are not followed, put the file itself here`;
  }
  return `is ${kindOf(stats)}; an intent is a plain file`;
}

function kindOf(stats: BigIntStats): string {
  if (stats.isDirectory()) return "a directory";
  if (stats.isFIFO()) return "a FIFO";
  if (stats.isSocket()) return "a socket";
  return "a device";
}

function oversizeMessage(size: bigint, maxBytes: number): string {
  return `is ${size} bytes long; an intent may have ${maxBytes}`;
}

function modeText(stats: BigIntStats): string {
  return `0${(stats.mode & 0o7777n).toString(8)}`;
}
