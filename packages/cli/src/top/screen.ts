/** A terminal that is drawn over and over, and is as it was when we leave it. */
import type { ReadStream, WriteStream } from "node:tty";

const CONTROL_C = "\u0003";
/** The other screen, without a cursor, and lines cut at the edge. */
const ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l";
const LEAVE = "\u001b[?7h\u001b[?25h\u001b[?1049l";
const HOME = "\u001b[H";
const CLEAR_LINE = "\u001b[K";
const CLEAR_BELOW = "\u001b[J";

export interface Screen {
  /** Lines beyond the window are left out. */
  show(lines: readonly string[]): void;
  close(): void;
}

/** `onKey` gets each pressed key; Ctrl-C and `q` are the end. */
export function openScreen(
  { input, output }: { readonly input: ReadStream; readonly output: WriteStream },
  listener: { onKey(key: string): void; onEnd(): void },
): Screen {
  const onData = (keys: Buffer): void => {
    for (const key of keys.toString())
      if (key === "q" || key === CONTROL_C) listener.onEnd();
      else listener.onKey(key);
  };
  if (input.isTTY) input.setRawMode(true);
  input.on("data", onData).resume();
  output.write(ENTER);
  return {
    show(lines) {
      const seen = lines.slice(0, Math.max(1, output.rows - 1));
      output.write(HOME + seen.map((line) => `${line}${CLEAR_LINE}\n`).join("") + CLEAR_BELOW);
    },
    close() {
      output.write(LEAVE);
      input.off("data", onData).pause();
      if (input.isTTY) input.setRawMode(false);
    },
  };
}
