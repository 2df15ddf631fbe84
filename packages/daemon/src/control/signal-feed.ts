/** Live signals of this daemon for subscribers on its control socket. Nothing is made of a signal that nobody follows. */
import type { Contracts, EmittedSignal, Envelope } from "@kloros/bus";
import type { ControlConnection, ControlStream } from "./event.ts";
import { matchesGlob } from "./glob.ts";

export type SignalKind = "emitted" | "received";
export const SIGNAL_KINDS: readonly SignalKind[] = ["emitted", "received"];

export interface FeedRequest {
  /** Globs. */
  readonly signals: readonly string[];
  readonly kinds: readonly SignalKind[];
  readonly facts: boolean;
}

interface Subscriber {
  readonly stream: ControlStream;
  readonly request: FeedRequest;
  /** Names looked at before; as many as there are contracts. */
  readonly known: Map<string, boolean>;
}

export class SignalFeed {
  readonly #subscribers = new Set<Subscriber>();

  get subscribers(): number {
    return this.#subscribers.size;
  }

  subscribe(request: FeedRequest, connection: ControlConnection): ControlStream {
    const stream = connection.openStream(() => this.#subscribers.delete(subscriber));
    const subscriber: Subscriber = { stream, request, known: new Map() };
    this.#subscribers.add(subscriber);
    return stream;
  }

  readonly onEmitted = (signal: EmittedSignal): void => this.#tell("emitted", signal);
  readonly onReceived = (signal: Envelope): void => this.#tell("received", signal);

  #tell(kind: SignalKind, signal: EmittedSignal | Envelope): void {
    if (this.#subscribers.size === 0) return;
    const texts: { whole?: string; bare?: string } = {};
    for (const { stream, request, known } of this.#subscribers) {
      if (!request.kinds.includes(kind) || !follows(request, known, signal.signal)) continue;
      const json = request.facts
        ? (texts.whole ??= JSON.stringify(envelopeOf(signal)))
        : (texts.bare ??= JSON.stringify({ ...envelopeOf(signal), facts: undefined }));
      stream.send(`signal:${kind}`, json);
    }
  }
}

/** The fields that an envelope has on the wire, as far as they are known here, and nothing of the node's own. */
function envelopeOf(told: EmittedSignal | Envelope): object {
  const { signal, id, timestamp, source, facts, priority, correlation_id, causation_id, seq } = told;
  const { version, traceparent, epoch, prev } = told as Partial<Envelope>;
  const known = { signal, id, timestamp, source, facts, version, priority, correlation_id, causation_id };
  return { ...known, traceparent, epoch, seq, prev };
}

function follows({ signals }: FeedRequest, known: Map<string, boolean>, name: string): boolean {
  let answer = known.get(name);
  if (answer === undefined) {
    answer = signals.some((pattern) => matchesGlob(pattern, name));
    known.set(name, answer);
  }
  return answer;
}

/** Patterns that no signal has, so that a misspelt name is told instead of followed for ever. */
export function matchesNothing(contracts: Contracts, patterns: readonly string[]): string[] {
  return patterns.filter((pattern) => !contracts.names.some((name) => matchesGlob(pattern, name)));
}
