/**
 * Standard input as a file that has no name any more: read to its end it is closed, and a program that ignores it is not disturbed.
 * (A pipe of Node is a socket; a shell that finds a socket there believes it was called over the network and runs ~/.bashrc.)
 */
import { randomBytes } from "node:crypto";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A descriptor to hand over and to close then; undefined: there is no room for a file, a pipe has to do. */
export function openStandardInput(text: string): number | undefined {
  const path = join(tmpdir(), `.kloros-stdin-${process.pid}-${randomBytes(8).toString("hex")}`);
  let writing: number | undefined;
  try {
    writing = openSync(path, "wx", 0o600);
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length;) at += writeSync(writing, bytes, at);
    return openSync(path, "r");
  } catch {
    return undefined;
  } finally {
    if (writing !== undefined) {
      closeSync(writing);
      rmSync(path, { force: true });
    }
  }
}
