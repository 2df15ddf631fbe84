/** Which file a name stood for when it was looked at: tells a file from another that took its name. */
import type { BigIntStats } from "node:fs";

/** Decimal strings, because inode numbers and nanoseconds do not fit into doubles. */
export interface FileIdentity {
  readonly dev: string;
  readonly ino: string;
  readonly mtimeNs: string;
  readonly size: string;
}

export function identityOf(stats: BigIntStats): FileIdentity {
  return {
    dev: String(stats.dev),
    ino: String(stats.ino),
    mtimeNs: String(stats.mtimeNs),
    size: String(stats.size),
  };
}

/** True when it is the same file with the same content as far as the disk can tell. */
export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.ino === b.ino && a.mtimeNs === b.mtimeNs && a.size === b.size && a.dev === b.dev;
}
