/** Reads one source file for the parser: regular, readable, of a sane size, text. All else is a reason, not an error. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import type { AnalysisNote, Language } from "../findings.ts";
import { decodeSource } from "./decode-source.ts";

/** Bytes in which a NUL byte makes a file binary. */
const BINARY_PROBE_BYTES = 8_192;
/** No link is followed (it may have appeared since the walk), and a pipe does not keep us waiting. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export type SourceReading =
  | { readonly kind: "text"; readonly text: string; readonly bytes: number; readonly problem: string | null }
  | { readonly kind: "skipped"; readonly reason: AnalysisNote["kind"]; readonly message: string };

export function readSource(path: string, language: Language, maxBytes: number): SourceReading {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, OPEN_FLAGS);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return skipped("not-a-file", "no regular file; not read");
    if (stats.size > maxBytes)
      return skipped("too-large", `${stats.size} bytes, more than the limit of ${maxBytes}; skipped`);
    const bytes = readFileSync(descriptor);
    if (isBinary(bytes)) return skipped("binary", "holds NUL bytes; not source");
    return { kind: "text", bytes: bytes.length, ...decodeSource(bytes, language) };
  } catch (cause) {
    const errno = (cause as NodeJS.ErrnoException).code ?? "EUNKNOWN";
    const denied = errno === "EACCES" || errno === "EPERM";
    return skipped(denied ? "permission" : "unreadable", `the file cannot be read (${errno})`);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function isBinary(bytes: Buffer): boolean {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return !utf16 && bytes.subarray(0, BINARY_PROBE_BYTES).includes(0);
}

function skipped(reason: AnalysisNote["kind"], message: string): SourceReading {
  return { kind: "skipped", reason, message };
}
