/**
 * An emitter's two sockets, as one end that outlives them: when a key was removed or its own has changed they are closed and
 * bound anew, because libzmq asks about a key only when a connection begins. What is missed meanwhile comes from the ledger (P4).
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Router, XPublisher } from "zeromq";
import { AddressError } from "./errors.ts";
import { HANDSHAKE_MS, watchHandshakes } from "./handshake-watch.ts";
import { receiveAll } from "./receive-all.ts";
import { SendQueue } from "./send-queue.ts";
import type { EmitterEnd, EmitterHandlers, Refusal } from "./transport.ts";
import type { ZeroMqOptions } from "./zeromq-options.ts";

/** Longest wait for an address to be free after a close, in milliseconds; it takes less than one. */
const RELEASE_MS = 500;
/** Answers that wait for ZeroMQ to take them; a receptor asks again for what was dropped. */
const MAX_REPLY_QUEUE = 256;
/** Milliseconds between attempts to bind again when somebody has taken the port in between. */
const REBIND_MS = 50;
const REBIND_MAX_MS = 2_000;

const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE:
    "another process is bound to it (ss -ltnp tells which); a second mesh on this machine needs a tcp_port_offset of its own in mesh.yaml",
  EADDRNOTAVAIL: "this machine has no such address; change tcp_host",
};

interface Pair {
  readonly live: SendQueue;
  readonly replies: SendQueue;
  close(): Promise<void>;
}

/** @throws {AddressError} an address cannot be bound */
export async function openEmitterEnd(
  options: ZeroMqOptions,
  emitter: string,
  handlers: EmitterHandlers,
): Promise<EmitterEnd> {
  const { protection, onTrouble } = options;
  const leave = await protection?.guard(emitter, (refusal) => handlers.onRefused?.(refusal));
  let [lost, closed] = [0, false];
  let pair: Pair | null = await bindPair(options, emitter, handlers).catch(async (error: unknown) => {
    await leave?.();
    throw error;
  });
  const takeDown = async () => {
    const old = pair;
    pair = null;
    if (old === null) return;
    await old.close();
    lost += old.live.dropped + old.replies.dropped;
  };
  const reopen = async () => {
    await takeDown();
    for (let pauseMs = REBIND_MS; !closed && pair === null; pauseMs = Math.min(2 * pauseMs, REBIND_MAX_MS)) {
      try {
        pair = await bindPair(options, emitter, handlers);
      } catch (error) {
        if (pauseMs === REBIND_MS) onTrouble?.(error as Error);
        await sleep(pauseMs, undefined, { ref: false });
      }
    }
  };
  let reopening = Promise.resolve();
  const stopWatching = protection?.onChange(({ outdated }) => {
    if (outdated) reopening = reopening.then(reopen);
  });
  return {
    publish: (topic, payload) => {
      if (pair === null) lost++;
      return pair?.live.push([topic, payload]) ?? false;
    },
    reply: (peer, frames) => void pair?.replies.push([peer, ...frames]),
    get dropped() {
      return lost + (pair === null ? 0 : pair.live.dropped + pair.replies.dropped);
    },
    async close() {
      closed = true;
      stopWatching?.();
      await reopening;
      await takeDown();
      await leave?.();
    },
  };
}

async function bindPair(options: ZeroMqOptions, emitter: string, handlers: EmitterHandlers): Promise<Pair> {
  const { protection, watchPeers, publishHighWaterMark, maxPublishQueue, maxFrameBytes, ipv6 } = options;
  const addresses = (options.bindAddresses ?? options.addresses)(emitter);
  const common = {
    linger: 0,
    maxMessageSize: maxFrameBytes,
    handshakeInterval: HANDSHAKE_MS,
    ipv6: ipv6 === true,
    ...protection?.serverKeys(emitter),
  };
  const live = new XPublisher({ ...common, sendHighWaterMark: publishHighWaterMark, verbosity: "allSubs" });
  const ledger = new Router({ ...common, mandatory: true, sendTimeout: 0 });
  const bound = [
    [live, addresses.live],
    [ledger, addresses.ledger],
  ] as const;
  const watches = watchPeers === true ? bound.map(([socket]) => watchHandshakes(socket, refused)) : [];
  function refused(refusal: Refusal): void {
    handlers.onRefused?.(refusal);
  }
  try {
    for (const [socket, address] of bound) await bind(socket, address);
  } catch (error) {
    for (const [socket] of bound) socket.close();
    throw error;
  }
  const queues = {
    live: new SendQueue((frames) => live.send(frames as [string, Buffer]), maxPublishQueue),
    replies: new SendQueue((frames) => ledger.send(frames as Buffer[]), MAX_REPLY_QUEUE),
  };
  void receiveAll(live, ([message]) => {
    // The first byte tells joining (1) from leaving (0).
    if (message?.[0] === 1) handlers.onSubscription();
  });
  void receiveAll(ledger, ([peer, ...frames]) => {
    if (peer !== undefined) handlers.onRequest(peer, frames);
  });
  return {
    ...queues,
    async close() {
      for (const watch of watches) watch.stop();
      await Promise.all([queues.live.close(), queues.replies.close()]);
      await Promise.all(bound.map(([socket, address]) => release(socket, address)));
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
    const remedy = REMEDIES[code] ?? "check that its directory exists and is writable";
    throw new AddressError(address, `cannot be bound (${code}): ${remedy}`, { cause });
  }
}
