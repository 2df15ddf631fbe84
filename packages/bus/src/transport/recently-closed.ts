/**
 * Who was connected to a port of ours until a moment ago, as the kernel remembers it. libzmq does not say from where a peer
 * came that failed its handshake; this does, as well as it can be known afterwards. Linux only; elsewhere nobody is found.
 */
import { readFileSync } from "node:fs";

const TABLES = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];
/** States in the kernel's words: 01 is a connection that lives, 0A one that listens. */
const ALIVE = ["01", "0A"];
/** A table of more than this, in bytes, is not searched: it is a flood that has to be watched elsewhere. */
const MAX_TABLE_BYTES = 1024 * 1024;
const IPV4_DIGITS = 8;

/** Addresses, each once. */
export function recentlyClosed(port: number): string[] {
  const found = TABLES.flatMap((table) => peersIn(read(table), port));
  return [...new Set(found)];
}

/** The peers of ended connections to `port` in the text of a kernel table. */
export function peersIn(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(`:${wanted}`) === true && !ALIVE.includes(state ?? ""))
    .flatMap(([, , peer]) => addressOf(peer?.split(":")[0] ?? "") ?? []);
}

/** The kernel writes words of four bytes, each in the order of the processor: little-endian on all that we run on. */
function addressOf(hex: string): string | null {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, "hex")].reverse());
  if (hex.length === IPV4_DIGITS) return bytes.join(".");
  const mapped = hex.startsWith("0000000000000000FFFF0000");
  if (mapped) return bytes.slice(-4).join(".");
  const groups = Array.from({ length: bytes.length / 2 }, (_, n) =>
    (((bytes[2 * n] ?? 0) << 8) | (bytes[2 * n + 1] ?? 0)).toString(16),
  );
  return groups.length === 8 ? shortened(groups.join(":")) : null;
}

/** `0:0:0:0:0:0:0:1` as `::1`. */
function shortened(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

function read(path: string): string {
  try {
    const text = readFileSync(path, "latin1");
    return text.length > MAX_TABLE_BYTES ? "" : text;
  } catch {
    return "";
  }
}
