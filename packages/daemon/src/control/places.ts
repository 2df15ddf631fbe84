/** How many clients a daemon can have: each takes a file descriptor, and the daemon's own work must never be without one. */
import { readFileSync } from "node:fs";

/** Clients at once: a thousand, and places for the operator. When all are taken, the longest idle one makes room. */
export const MAX_CONNECTIONS = 1_200;
/** Descriptors left to the daemon itself: journal, sockets of the bus, files, pipes of children. */
const RESERVED_DESCRIPTORS = 128;
/** Places even where descriptors are rare: an operator must be heard. */
const MIN_CONNECTIONS = 16;

/** `limits` is the text of /proc/self/limits; without it the most that is ever allowed. */
export function placesIn(limits: string): number {
  const [, soft] = /^Max open files\s+(\S+)/m.exec(limits) ?? [];
  const descriptors = Number(soft ?? Infinity); // `unlimited` is no number.
  if (Number.isNaN(descriptors)) return MAX_CONNECTIONS;
  return Math.min(MAX_CONNECTIONS, Math.max(MIN_CONNECTIONS, descriptors - RESERVED_DESCRIPTORS));
}

/** Places for clients in this process. */
export function connectionPlaces(): number {
  try {
    return placesIn(readFileSync("/proc/self/limits", "utf8"));
  } catch {
    return MAX_CONNECTIONS;
  }
}
