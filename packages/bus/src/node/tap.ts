/** Listens to the live sockets without being a consumer: nothing is acknowledged, nothing is promised (the sniffer). */
import { Deque } from "../protocol/deque.ts";
import { DEFAULT_LIMITS, type BusLimits } from "../protocol/limits.ts";
import type { Contracts } from "../signal/contract.ts";
import type { Envelope } from "../signal/envelope.ts";
import { parseEnvelope } from "../signal/parse-envelope.ts";
import type { ReceptorEnd, Transport } from "../transport/transport.ts";
import { ipcTransport } from "../transport/mesh-transport.ts";

export interface TapOptions {
  readonly home: string;
  readonly contracts: Contracts;
  /** Default: every daemon of the roster. */
  readonly emitters?: readonly string[];
  /** Exact names. Default: every contract. */
  readonly signals?: readonly string[];
  readonly transport?: Transport;
  readonly limits?: Partial<BusLimits>;
}

export interface Tap extends AsyncIterable<Envelope> {
  /** Signals that a slow reader of this tap has missed. */
  readonly missed: number;
  close(): Promise<void>;
}

/** Envelopes kept for a reader that is slower than the mesh; the oldest go first. */
const MAX_BUFFERED = 10_000;
const NEWLINE = 10;

export function openTap(options: TapOptions): Tap {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const transport = options.transport ?? ipcTransport(options.home, limits);
  const signals = options.signals ?? options.contracts.names;
  const emitters = options.emitters ?? options.contracts.daemons.map((daemon) => daemon.name);
  const buffer = new Deque<Envelope>();
  let wake: (() => void) | null = null;
  let closed = false;
  let missed = 0;

  const take = (emitter: string, payload: Uint8Array) => {
    for (const envelope of envelopes(emitter, payload)) {
      if (buffer.length >= MAX_BUFFERED) {
        buffer.shift();
        missed++;
      }
      buffer.push(envelope);
    }
    wake?.();
  };
  const ends: ReceptorEnd[] = emitters.map((emitter) =>
    transport.connect(emitter, signals, {
      onLive: (_topic, payload) => {
        take(emitter, payload);
      },
      onReply: noop,
      onGarbage: noop,
    }),
  );
  return {
    get missed() {
      return missed;
    },
    async close() {
      closed = true;
      wake?.();
      await Promise.all(ends.map((end) => end.close()));
    },
    async *[Symbol.asyncIterator]() {
      while (!closed) {
        for (let envelope = buffer.shift(); envelope !== undefined; envelope = buffer.shift()) yield envelope;
        if (closed) return;
        await new Promise<void>((resolve) => (wake = resolve));
        wake = null;
      }
    },
  };
}

function envelopes(emitter: string, payload: Uint8Array): Envelope[] {
  const found: Envelope[] = [];
  let start = 0;
  while (start < payload.length) {
    const newline = payload.indexOf(NEWLINE, start);
    const end = newline < 0 ? payload.length : newline;
    const parsed = parseEnvelope(payload.subarray(start, end));
    if (parsed.kind === "ok" && parsed.envelope.source === emitter) found.push(parsed.envelope);
    start = end + 1;
  }
  return found;
}

function noop(): void {
  // A tap asks for nothing, so nothing is answered.
}
