/**
 * The transport over ZeroMQ. It hides what zeromq.js would otherwise let a user feel: one send in flight per socket
 * (else EBUSY), a publisher that drops without a word, a subscription that is not there yet when `connect` returns.
 */
import { Dealer, Router, Subscriber, XPublisher } from "zeromq";
import type { AddressBook } from "./addresses.ts";
import { AddressError } from "./errors.ts";
import { SendQueue } from "./send-queue.ts";
import type { EmitterEnd, EmitterHandlers, ReceptorEnd, ReceptorHandlers, Transport } from "./transport.ts";

export interface ZeroMqOptions {
  readonly addresses: AddressBook;
  /** Frames ZeroMQ holds for one slow subscriber before it drops them. */
  readonly publishHighWaterMark: number;
  /** Frames this process holds for its own sockets. */
  readonly maxPublishQueue: number;
  /** Largest frame accepted from a peer, in bytes. */
  readonly maxFrameBytes: number;
}

/** Milliseconds between attempts to reach an emitter that is not there: soon at first, at most every second. */
const RECONNECT_MS = 50;
const RECONNECT_MAX_MS = 1_000;
/** Longest wait for an address to be free after a close, in milliseconds; it takes less than one. */
const RELEASE_MS = 500;
/** Answers that wait for ZeroMQ to take them; a receptor asks again for what was dropped. */
const MAX_REPLY_QUEUE = 256;

export function zeroMqTransport(options: ZeroMqOptions): Transport {
  return {
    openEmitter: (emitter, handlers) => openEmitter(options, emitter, handlers),
    connect: (emitter, topics, handlers) => connect(options, emitter, topics, handlers),
  };
}

async function openEmitter(
  options: ZeroMqOptions,
  emitter: string,
  handlers: EmitterHandlers,
): Promise<EmitterEnd> {
  const addresses = options.addresses(emitter);
  const live = new XPublisher({
    sendHighWaterMark: options.publishHighWaterMark,
    linger: 0,
    verbosity: "allSubs",
    maxMessageSize: options.maxFrameBytes,
  });
  const ledger = new Router({
    mandatory: true,
    sendTimeout: 0,
    linger: 0,
    maxMessageSize: options.maxFrameBytes,
  });
  await bind(live, addresses.live);
  await bind(ledger, addresses.ledger);
  const liveQueue = new SendQueue((frames) => live.send(frames as [string, Buffer]), options.maxPublishQueue);
  const replyQueue = new SendQueue((frames) => ledger.send(frames as Buffer[]), MAX_REPLY_QUEUE);
  void receiveAll(live, ([message]) => {
    // The first byte tells joining (1) from leaving (0).
    if (message?.[0] === 1) handlers.onSubscription();
  });
  void receiveAll(ledger, ([peer, ...frames]) => {
    if (peer !== undefined) handlers.onRequest(peer, frames);
  });
  return {
    publish: (topic, payload) => liveQueue.push([topic, payload]),
    reply: (peer, frames) => void replyQueue.push([peer, ...frames]),
    get dropped() {
      return liveQueue.dropped + replyQueue.dropped;
    },
    async close() {
      await liveQueue.close();
      await replyQueue.close();
      await Promise.all([release(live, addresses.live), release(ledger, addresses.ledger)]);
    },
  };
}

/** Closes the socket and waits until its address is free again: ZeroMQ does that in the background. */
async function release(socket: XPublisher | Router, address: string): Promise<void> {
  const freed = new Promise<void>((resolve) => {
    socket.events.on("close", (event) => {
      if (event.address === address) resolve();
    });
    setTimeout(resolve, RELEASE_MS).unref();
  });
  socket.close();
  await freed;
}

async function bind(socket: XPublisher | Router, address: string): Promise<void> {
  try {
    await socket.bind(address);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown error";
    const remedy =
      code === "EADDRINUSE"
        ? "another process is bound to it"
        : "check that its directory exists and is writable";
    throw new AddressError(address, `cannot be bound (${code}): ${remedy}`, { cause });
  }
}

function connect(
  options: ZeroMqOptions,
  emitter: string,
  topics: readonly string[],
  handlers: ReceptorHandlers,
): ReceptorEnd {
  const addresses = options.addresses(emitter);
  const common = {
    linger: 0,
    reconnectInterval: RECONNECT_MS,
    reconnectMaxInterval: RECONNECT_MAX_MS,
    maxMessageSize: options.maxFrameBytes,
  };
  const live = new Subscriber({ ...common, receiveHighWaterMark: options.publishHighWaterMark });
  // `immediate`: a request goes to a connected emitter or nowhere; none queues up for one that is down.
  const ledger = new Dealer({ ...common, immediate: true, sendTimeout: 0 });
  live.subscribe(...topics);
  live.connect(addresses.live);
  ledger.connect(addresses.ledger);
  const wanted = new Set(topics);
  const queue = new SendQueue((frames) => ledger.send(frames as Buffer[]), MAX_REPLY_QUEUE);
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
  return {
    request: (frame) => queue.push([frame]),
    async close() {
      await queue.close();
      live.close();
      ledger.close();
    },
  };
}

/** Reads until the socket is closed. Frames already here are taken without a turn of the event loop each. */
async function receiveAll(
  socket: AsyncIterable<Buffer[]> & { readonly closed: boolean },
  onMessage: (frames: Buffer[]) => void | Promise<void>,
): Promise<void> {
  try {
    for await (const frames of socket) {
      const busy = onMessage(frames);
      if (busy !== undefined) await busy;
    }
  } catch (error) {
    if (!socket.closed) throw error;
  }
}
