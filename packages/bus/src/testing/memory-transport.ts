/**
 * A transport without sockets: nodes of one process that share it hear each other. It behaves as ZeroMQ does where users
 * feel it: frames arrive in a later turn, a subscription takes a moment, a full queue drops, a peer may come and go.
 * Faults on top of it are the business of `faulty-transport.ts`.
 */
import { AddressError } from "../transport/errors.ts";
import type {
  EmitterEnd,
  EmitterHandlers,
  ReceptorEnd,
  ReceptorHandlers,
  Transport,
} from "../transport/transport.ts";

export interface MemoryTransportOptions {
  /** Live frames that wait for one receptor before more are dropped. Default 1,000, as ZeroMQ. */
  readonly highWaterMark?: number;
  /** Time until a new connection hears live frames, in milliseconds. Default 1. */
  readonly joinMs?: number;
}

interface Bound {
  readonly handlers: EmitterHandlers;
  dropped: number;
}

interface Connection {
  readonly peer: Uint8Array;
  readonly emitter: string;
  readonly topics: ReadonlySet<string>;
  readonly handlers: ReceptorHandlers;
  /** The emitter it has joined; null while it is not there. */
  joined: Bound | null;
  readonly arriving: (() => void | Promise<void>)[];
  live: number;
  closed: boolean;
}

/** Makes a transport for the `transport` option of several `openNode` calls in one process. */
export function memoryTransport(options: MemoryTransportOptions = {}): Transport {
  return new MemoryTransport(options);
}

class MemoryTransport implements Transport {
  readonly #highWaterMark: number;
  readonly #joinMs: number;
  readonly #bound = new Map<string, Bound>();
  readonly #connections = new Set<Connection>();
  #peers = 0;

  constructor({ highWaterMark = 1_000, joinMs = 1 }: MemoryTransportOptions) {
    this.#highWaterMark = highWaterMark;
    this.#joinMs = joinMs;
  }

  openEmitter(emitter: string, handlers: EmitterHandlers): Promise<EmitterEnd> {
    if (this.#bound.has(emitter))
      return Promise.reject(new AddressError(`memory:${emitter}`, "another node is bound to it"));
    const bound: Bound = { handlers, dropped: 0 };
    this.#bound.set(emitter, bound);
    for (const connection of this.#connections) if (connection.emitter === emitter) this.#join(connection);
    return Promise.resolve({
      publish: (topic, payload) => this.#publish(bound, topic, Buffer.from(payload)),
      reply: (peer, frames) => {
        this.#reply(bound, peer, frames);
      },
      get dropped() {
        return bound.dropped;
      },
      close: () => {
        this.#bound.delete(emitter);
        for (const connection of this.#connections) if (connection.joined === bound) connection.joined = null;
        return Promise.resolve();
      },
    });
  }

  connect(emitter: string, topics: readonly string[], handlers: ReceptorHandlers): ReceptorEnd {
    const connection: Connection = {
      peer: Buffer.from(`peer-${String(++this.#peers)}`),
      emitter,
      topics: new Set(topics),
      handlers,
      joined: null,
      arriving: [],
      live: 0,
      closed: false,
    };
    this.#connections.add(connection);
    this.#join(connection);
    return {
      request: (frame) => this.#request(connection, Buffer.from(frame)),
      close: () => {
        connection.closed = true;
        this.#connections.delete(connection);
        return Promise.resolve();
      },
    };
  }

  #join(connection: Connection): void {
    setTimeout(() => {
      const bound = this.#bound.get(connection.emitter);
      if (bound === undefined || connection.closed || connection.joined === bound) return;
      connection.joined = bound;
      bound.handlers.onSubscription();
    }, this.#joinMs);
  }

  #publish(bound: Bound, topic: string, payload: Buffer): boolean {
    for (const connection of this.#connections) {
      if (connection.joined !== bound || !connection.topics.has(topic)) continue;
      if (connection.live >= this.#highWaterMark) {
        bound.dropped++;
        continue;
      }
      connection.live++;
      arrive(connection, () => {
        connection.live--;
        return connection.handlers.onLive(topic, payload);
      });
    }
    return true;
  }

  #reply(bound: Bound, peer: Uint8Array, frames: readonly Buffer[]): void {
    const copies = frames.map((frame) => Buffer.from(frame));
    for (const connection of this.#connections) {
      if (connection.joined !== bound || !connection.peer.every((byte, i) => byte === peer[i])) continue;
      arrive(connection, () => {
        connection.handlers.onReply(copies);
      });
    }
  }

  #request(connection: Connection, frame: Buffer): boolean {
    const bound = connection.joined;
    if (bound === null) return false;
    setImmediate(() => {
      if (connection.joined === bound) bound.handlers.onRequest(connection.peer, [frame]);
    });
    return true;
  }
}

/** In order, in a later turn of the event loop, as long as the connection is open; a receiver that is busy is waited for. */
function arrive(connection: Connection, deliver: () => void | Promise<void>): void {
  connection.arriving.push(deliver);
  if (connection.arriving.length === 1) setImmediate(() => void deliverAll(connection));
}

async function deliverAll(connection: Connection): Promise<void> {
  for (let next = connection.arriving[0]; next !== undefined; next = connection.arriving[0]) {
    if (!connection.closed) await next();
    connection.arriving.shift();
  }
}
