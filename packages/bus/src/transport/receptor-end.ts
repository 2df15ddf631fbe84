/**
 * A receptor's connection to one emitter, as one end that outlives its sockets: they are opened anew when the keys of either
 * side have changed, and when a handshake failed for good (not let in, or what answers speaks otherwise): libzmq gives up then.
 */
import { Dealer, Subscriber } from "zeromq";
import type { ClientKeys } from "./protection.ts";
import { receiveAll } from "./receive-all.ts";
import { SendQueue } from "./send-queue.ts";
import type { ReceptorEnd, ReceptorHandlers } from "./transport.ts";
import type { ZeroMqOptions } from "./zeromq-options.ts";

/** Milliseconds between attempts to reach an emitter that is not there: soon at first, at most every second. */
const RECONNECT_MS = 50;
const RECONNECT_MAX_MS = 1_000;
/** Requests that wait for ZeroMQ to take them; what was dropped is asked again. */
const MAX_REQUEST_QUEUE = 256;
/** Milliseconds between attempts after a refusal: the emitter may be a moment behind in reading the keys. */
const KNOCK_MS = 200;
const KNOCK_MAX_MS = 2_000;
/** Handshakes that fail one after the other before an emitter's address is said to be in other hands: one may be a restart. */
const IMPOSTOR_HANDSHAKES = 4;

interface Pair {
  readonly keys: ClientKeys | null;
  readonly requests: SendQueue;
  close(): Promise<void>;
}

export function openReceptorEnd(
  options: ZeroMqOptions,
  emitter: string,
  topics: readonly string[],
  handlers: ReceptorHandlers,
): ReceptorEnd {
  const { protection } = options;
  let pair: Pair | null = null;
  let knocking: NodeJS.Timeout | undefined;
  let [knockMs, strange, closed] = [KNOCK_MS, 0, false];
  const open = () => {
    const keys = protection?.clientKeys(emitter) ?? null;
    if (protection === undefined || keys !== null) pair = connectPair(options, emitter, topics, keys, heard);
  };
  const reopen = () => {
    clearTimeout(knocking);
    knocking = undefined;
    void pair?.close();
    pair = null;
    open();
  };
  const heard: Heard = {
    ...handlers,
    onLive: (topic, payload) => handlers.onLive(topic, payload),
    onWelcome: () => {
      knockMs = KNOCK_MS;
      strange = 0;
    },
    onStrange: (address) => {
      if (++strange === IMPOSTOR_HANDSHAKES && protection !== undefined) handlers.onImpostor?.(address);
    },
    onRefused: () => {
      if (closed) return;
      knocking ??= setTimeout(reopen, knockMs);
      knockMs = Math.min(2 * knockMs, KNOCK_MAX_MS);
    },
  };
  const stopWatching = protection?.onChange(() => {
    knockMs = KNOCK_MS;
    if (knocking !== undefined || !sameKeys(pair?.keys ?? null, protection.clientKeys(emitter))) reopen();
  });
  open();
  return {
    request: (frame) => pair?.requests.push([frame]) ?? false,
    async close() {
      closed = true;
      stopWatching?.();
      clearTimeout(knocking);
      await pair?.close();
    },
  };
}

interface Heard extends ReceptorHandlers {
  onWelcome(): void;
  /** A handshake failed, and this socket tries no more. */
  onRefused(): void;
  /** What answers does not have the emitter's key. */
  onStrange(address: string): void;
}

function sameKeys(a: ClientKeys | null, b: ClientKeys | null): boolean {
  return a?.curveServerKey === b?.curveServerKey && a?.curveSecretKey === b?.curveSecretKey;
}

function connectPair(
  options: ZeroMqOptions,
  emitter: string,
  topics: readonly string[],
  keys: ClientKeys | null,
  handlers: Heard,
): Pair {
  const addresses = options.addresses(emitter);
  const common = {
    linger: 0,
    reconnectInterval: RECONNECT_MS,
    reconnectMaxInterval: RECONNECT_MAX_MS,
    maxMessageSize: options.maxFrameBytes,
    ipv6: options.ipv6 === true,
    ...keys,
  };
  const live = new Subscriber({ ...common, receiveHighWaterMark: options.publishHighWaterMark });
  // `immediate`: a request goes to a connected emitter or nowhere; none queues up for one that is down.
  const ledger = new Dealer({ ...common, immediate: true, sendTimeout: 0 });
  if (options.watchPeers === true) for (const socket of [live, ledger]) watchHandshakes(socket, handlers);
  live.subscribe(...topics);
  live.connect(addresses.live);
  ledger.connect(addresses.ledger);
  const wanted = new Set(topics);
  void receiveAll(live, (frames): void | Promise<void> => {
    const [topic, payload] = frames;
    if (frames.length !== 2 || topic === undefined || payload === undefined) {
      handlers.onGarbage();
      return;
    }
    // ZeroMQ matches by prefix; a name is the name and nothing else.
    const name = topic.toString("latin1");
    if (wanted.has(name)) return handlers.onLive(name, payload);
  });
  void receiveAll(ledger, (frames) => {
    handlers.onReply(frames);
  });
  const requests = new SendQueue((frames) => ledger.send(frames as Buffer[]), MAX_REQUEST_QUEUE);
  return {
    keys,
    requests,
    async close() {
      await requests.close();
      live.close();
      ledger.close();
    },
  };
}

function watchHandshakes(socket: Subscriber | Dealer, handlers: Heard): void {
  socket.events.on("handshake", () => {
    handlers.onWelcome();
  });
  socket.events.on("handshake:error:auth", () => {
    handlers.onRefused();
  });
  socket.events.on("handshake:error:protocol", ({ address }) => {
    handlers.onStrange(address);
    handlers.onRefused();
  });
  socket.events.on("handshake:error:other", ({ address }) => {
    handlers.onStrange(address);
  });
}
