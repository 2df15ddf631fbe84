/**
 * Notices who was refused by an emitter's socket before any key was judged: no CURVE, another language than ZeroMQ, silence.
 * libzmq tells of most failures; of those it passes over in silence, a connection without a verdict is left.
 */
import type { Router, XPublisher } from "zeromq";
import { recentlyClosed } from "./recently-closed.ts";
import type { Refusal } from "./transport.ts";

/** Longest time for a peer to say who it is, in milliseconds. An emitter may be busy for seconds: it judges in the same thread. */
export const HANDSHAKE_MS = 10_000;
/** A verdict may come so much later, in milliseconds. */
const SLACK_MS = 1_000;
/** Connections remembered that have no verdict yet; a flood of more is counted late, not stored. */
const MAX_PENDING = 4_096;

/** Where a peer came from is looked up at most this often, in milliseconds: a flood must not cost more than it does. */
const LOOKUP_MS = 1_000;

/** Watches until the socket is closed or `stop` is called. */
export function watchHandshakes(
  socket: Router | XPublisher,
  onRefused: (refusal: Refusal) => void,
): { stop(): void } {
  const pending: number[] = [];
  let [bound, lookedAtMs] = ["", -LOOKUP_MS];
  let timer: NodeJS.Timeout | undefined;
  const refuse = (reason: Refusal["reason"]) => {
    const look = performance.now() - lookedAtMs >= LOOKUP_MS;
    if (look) lookedAtMs = performance.now();
    onRefused({ reason, address: look ? peerOf(bound) : null, key: null, name: null });
  };
  const passOverdue = () => {
    const overdue = performance.now() - HANDSHAKE_MS - SLACK_MS;
    while (pending[0] !== undefined && pending[0] <= overdue) {
      pending.shift();
      refuse("no_zeromq");
    }
    const [oldest] = pending;
    timer = oldest === undefined ? undefined : setTimeout(passOverdue, oldest - overdue).unref();
  };
  socket.events.on("accept", ({ address }) => {
    bound = address;
    if (pending.length < MAX_PENDING) pending.push(performance.now());
    timer ??= setTimeout(passOverdue, HANDSHAKE_MS + SLACK_MS).unref();
  });
  socket.events.on("handshake", () => void pending.shift());
  // The ZAP handler has told of it, with the key.
  socket.events.on("handshake:error:auth", () => void pending.shift());
  socket.events.on("handshake:error:protocol", () => {
    pending.shift();
    refuse("no_key");
  });
  socket.events.on("handshake:error:other", () => {
    pending.shift();
    refuse("no_zeromq");
  });
  return {
    stop: () => {
      clearTimeout(timer);
    },
  };
}

/** Only when it is unambiguous. */
function peerOf(bound: string): string | null {
  const port = Number(bound.slice(bound.lastIndexOf(":") + 1));
  const peers = Number.isInteger(port) && port > 0 ? recentlyClosed(port) : [];
  return peers.length === 1 ? (peers[0] ?? null) : null;
}
