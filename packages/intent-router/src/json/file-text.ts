/**
 * From the bytes of a file to its text: UTF-8 and nothing else. Says apart what more bytes may still mend
 * (nothing written yet, a character cut in two) and what they cannot (another encoding, announced in the first bytes).
 */
import type { Problem } from "../problem.ts";

export type TextReading =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "unparsable"; readonly problem: Problem }
  | { readonly kind: "refused"; readonly problems: readonly Problem[] };

const UTF8_MARK = [0xef, 0xbb, 0xbf];
const UTF16_BEGINNINGS = [
  [0xfe, 0xff],
  [0xff, 0xfe],
  [0x00, 0x7b],
  [0x7b, 0x00],
];

export function fileText(bytes: Uint8Array): TextReading {
  if (bytes.length === 0)
    return unparsable("is empty; write the whole intent under another name and rename it");
  if (beginsWith(bytes, UTF8_MARK))
    return refused("begins with a byte-order mark; save it as UTF-8 without one");
  if (UTF16_BEGINNINGS.some((beginning) => beginsWith(bytes, beginning))) {
    return refused("is UTF-16; save it as UTF-8");
  }
  if (bytes.includes(0))
    return unparsable("is binary (it holds a zero byte); an intent is JSON text in UTF-8");
  try {
    return { kind: "text", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return unparsable("is binary or in another encoding; an intent is JSON text in UTF-8");
  }
}

function beginsWith(bytes: Uint8Array, beginning: readonly number[]): boolean {
  return beginning.every((byte, index) => bytes[index] === byte);
}

function unparsable(message: string): TextReading {
  return { kind: "unparsable", problem: { path: "", message } };
}

function refused(message: string): TextReading {
  return { kind: "refused", problems: [{ path: "", message }] };
}
