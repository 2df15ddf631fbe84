/** The lines a daemon writes to its notify pipe, in the words of sd_notify(3). */

export type Notice =
  | { readonly kind: "ready" }
  | { readonly kind: "progress" }
  | { readonly kind: "stopping" }
  | { readonly kind: "status"; readonly text: string };

/** Longest status text kept, in characters; it is shown on one line of a terminal. */
const MAX_STATUS_CHARS = 200;

/** What one line says; null for words that mean nothing to this supervisor. */
export function parseNotice(line: string): Notice | null {
  const text = line.trim();
  if (text === "READY=1") return { kind: "ready" };
  if (text === "WATCHDOG=1") return { kind: "progress" };
  if (text === "STOPPING=1") return { kind: "stopping" };
  if (text.startsWith("STATUS=")) return { kind: "status", text: text.slice(7, 7 + MAX_STATUS_CHARS) };
  return null;
}
