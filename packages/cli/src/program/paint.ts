/** Colour, only on a terminal and never with NO_COLOR; and text of others made safe for a terminal. */
import pc from "picocolors";

export type Paint = ReturnType<typeof pc.createColors>;

/** Colours for `stream`, or the same functions without any. */
export function paintFor(stream: { readonly isTTY?: boolean } = process.stdout): Paint {
  return pc.createColors(stream.isTTY === true && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb");
}

/** Characters of a line where nobody sees a window's edge. */
const UNBOUNDED_WIDTH = 240;
/** Narrower windows get wrapped lines rather than lines without content. */
const MIN_WIDTH = 100;

/** How wide a line may be: the window's width on a terminal. */
export function widthOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number } = process.stdout,
): number {
  return stream.isTTY === true ? Math.max(MIN_WIDTH, stream.columns ?? 0) : UNBOUNDED_WIDTH;
}

/** Readable on any background, told apart at a glance. */
const HUES = [
  "cyan",
  "green",
  "magenta",
  "blue",
  "yellow",
  "cyanBright",
  "greenBright",
  "magentaBright",
] as const;

/** A colour for a name, always the same for the same name. */
export function hueOf(paint: Paint, name: string): (text: string) => string {
  let sum = 0;
  for (const char of name) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 65_521;
  return paint[HUES[sum % HUES.length] ?? "cyan"];
}

/** C0 and C1 controls, line and bidi overrides: what text from a signal could do to a terminal. */
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** `text` with control characters written out (`\x1b`), so that no signal can move the cursor. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (char) => {
    const code = char.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
  });
}

/** `text` cut to at most `chars` characters, with a sign that it was. */
export function shorten(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, Math.max(0, chars - 1))}…`;
}
