/**
 * Bytes of a source file as text. UTF-8 unless a byte order mark or (Python, PEP 263) a cookie in the first two
 * lines says otherwise. What does not decode is replaced, and said.
 */
import type { Language } from "../findings.ts";

export interface DecodedSource {
  readonly text: string;
  /** Why the text may differ from what its author wrote; null when all is well. */
  readonly problem: string | null;
}

const COOKIE = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/;
/** Bytes in which the first two lines are looked for. */
const HEAD_BYTES = 512;
/** Python's names that the WHATWG encoding standard, and so TextDecoder, does not know. */
const LATIN_1: ReadonlySet<string> = new Set([
  "latin-1",
  "latin1",
  "latin",
  "l1",
  "iso-8859-1",
  "iso8859-1",
  "cp819",
  "8859",
]);

/** Text with `\n` line ends and without byte order mark. */
export function decodeSource(bytes: Buffer, language: Language): DecodedSource {
  const { text, problem } = decode(bytes, language);
  return { text: text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text, problem };
}

function decode(bytes: Buffer, language: Language): DecodedSource {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decodeAs("utf-16le", bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decodeAs("utf-16be", bytes);
  const encoding = language === "python" ? cookieOf(bytes) : undefined;
  if (encoding === undefined || /^utf-?8/.test(encoding)) return decodeAs("utf-8", bytes);
  // Python's latin-1 is the real one; TextDecoder's is windows-1252.
  if (LATIN_1.has(encoding)) return { text: bytes.toString("latin1"), problem: null };
  return decodeAs(encoding, bytes);
}

function cookieOf(bytes: Buffer): string | undefined {
  const [first = "", second = ""] = bytes.toString("latin1", 0, HEAD_BYTES).split(/\r\n|\r|\n/, 2);
  const declared = COOKIE.exec(first) ?? (/^[ \t\f]*(#|$)/.test(first) ? COOKIE.exec(second) : null);
  return declared?.[1]?.toLowerCase().replaceAll("_", "-");
}

function decodeAs(encoding: string, bytes: Buffer): DecodedSource {
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes), problem: null };
  } catch (cause) {
    const text = new TextDecoder("utf-8").decode(bytes);
    if (cause instanceof RangeError)
      return { text, problem: `declares the unknown encoding ${encoding}; read as UTF-8` };
    return { text, problem: `is not valid ${encoding}; what did not decode was replaced` };
  }
}
