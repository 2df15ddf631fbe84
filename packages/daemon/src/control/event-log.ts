/** What happened in this daemon lately: signals and control requests, in a ring of bounded length, counted. For people who look. */
import type { ControlStream, ControlConnection } from "./event.ts";
import { matchesGlob } from "./glob.ts";

/** Entries that are kept; facts are not among them. */
export const MAX_EVENTS = 2_048;
/** Names that are counted by themselves; what comes on top is counted as `others`. */
const MAX_COUNTED_NAMES = 512;
/** Longest name of an unknown event that is kept, in characters. */
const MAX_NAME_CHARACTERS = 100;

export type EventKind = "emitted" | "received" | "dead_lettered" | "control";
export const EVENT_KINDS: readonly EventKind[] = ["emitted", "received", "dead_lettered", "control"];

/** One entry. Signals have ids, control requests an outcome. */
export interface LoggedEvent {
  /** Ascends by one from entry to entry, since the daemon's start. */
  readonly n: number;
  readonly kind: EventKind;
  /** Name of the signal, or of the control event. */
  readonly name: string;
  /** Unix time in seconds. */
  readonly timestamp: number;
  readonly correlation_id: string | null;
  readonly id?: string;
  readonly source?: string;
  readonly outcome?: "answered" | "failed";
  readonly code?: string | null;
  /** How long a control request took, in milliseconds. */
  readonly ms?: number;
  /** Number of the control connection. */
  readonly connection?: number;
}

export interface EventFilter {
  readonly signal?: string;
  readonly event?: string;
  readonly kinds?: readonly EventKind[];
  /** Unix time in seconds. */
  readonly since?: number;
  readonly after?: number;
  readonly limit: number;
}

interface Subscriber {
  readonly stream: ControlStream;
  readonly patterns: "all" | readonly string[];
}

type Fresh = Omit<LoggedEvent, "n" | "timestamp">;

export class EventLog {
  readonly #now: () => number;
  #ring: LoggedEvent[] = [];
  #lastN = 0;
  #requests = 0;
  #failures = 0;
  #clearedAt: number;
  #counts = new Map<string, Record<string, number>>();
  readonly #subscribers = new Set<Subscriber>();

  constructor(now: () => number) {
    this.#now = now;
    this.#clearedAt = now();
  }

  /** Control requests that were answered since the start, with an error or without. */
  get requests(): number {
    return this.#requests;
  }
  /** Those that were answered with an error. */
  get failures(): number {
    return this.#failures;
  }

  add(fresh: Fresh): void {
    const n = ++this.#lastN;
    const name = fresh.name.slice(0, MAX_NAME_CHARACTERS);
    const entry: LoggedEvent = { n, timestamp: this.#now() / 1000, ...fresh, name };
    this.#ring[n % MAX_EVENTS] = entry;
    this.#count(name, entry.outcome === "failed" ? "failed" : entry.kind);
    if (entry.kind !== "control") return;
    this.#requests++;
    if (entry.outcome === "failed") this.#failures++;
    if (this.#subscribers.size > 0) this.#tell(entry);
  }

  #count(name: string, as: string): void {
    const key = this.#counts.has(name) || this.#counts.size < MAX_COUNTED_NAMES ? name : "others";
    const row = this.#counts.get(key) ?? {};
    row[as] = (row[as] ?? 0) + 1;
    this.#counts.set(key, row);
  }

  #tell(entry: LoggedEvent): void {
    const json = JSON.stringify(entry);
    for (const { stream, patterns } of this.#subscribers)
      if (patterns === "all" || patterns.some((pattern) => matchesGlob(pattern, entry.name)))
        stream.send("monitor:event", json);
  }

  /** The newest that match, at most `limit` of them, the oldest first. */
  find({ signal, event, kinds, since = 0, after = 0, limit }: EventFilter): LoggedEvent[] {
    const found: LoggedEvent[] = [];
    const oldest = Math.max(1, this.#lastN - MAX_EVENTS + 1, after + 1);
    for (let n = this.#lastN; n >= oldest && found.length < limit; n--) {
      const entry = this.#ring[n % MAX_EVENTS];
      if (entry?.n !== n) break; // Cleared.
      if (entry.timestamp < since || kinds?.includes(entry.kind) === false) continue;
      const pattern = entry.kind === "control" ? event : signal;
      if (pattern === undefined ? (signal ?? event) !== undefined : !matchesGlob(pattern, entry.name))
        continue;
      found.push(entry);
    }
    return found.reverse();
  }

  stats(): Record<string, unknown> {
    return {
      since: this.#clearedAt / 1000,
      kept: this.#ring.filter((entry) => entry !== undefined).length,
      max_kept: MAX_EVENTS,
      last_n: this.#lastN,
      subscribers: this.#subscribers.size,
      by_name: Object.fromEntries(this.#counts),
    };
  }

  /** Forgets entries and counts; says how many entries there were. */
  clear(): number {
    const cleared = this.#ring.filter((entry) => entry !== undefined).length;
    this.#ring = [];
    this.#counts = new Map();
    this.#clearedAt = this.#now();
    return cleared;
  }

  subscribe(patterns: readonly string[], connection: ControlConnection): ControlStream {
    const subscriber: Subscriber = {
      patterns: patterns.includes("*") ? "all" : patterns,
      stream: connection.openStream(() => this.#subscribers.delete(subscriber)),
    };
    this.#subscribers.add(subscriber);
    return subscriber.stream;
  }
}
