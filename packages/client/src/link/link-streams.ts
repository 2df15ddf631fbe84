/** The streams of one connection: which subscription belongs to whom. A lost connection ends all subscriptions, no stream. */
import type { KlorosError } from "@kloros/bus/error";
import type { StreamLine } from "./reply-line.ts";

/** What a stream asks for, and is told. */
export interface LinkStream {
  /** The event that begins it, such as `signal:subscribe`. */
  readonly event: string;
  readonly data: unknown;
  /** It runs. `again`: after a connection was lost; what came in between was missed. */
  onBegun(answer: unknown, again: boolean): void;
  onLine(line: StreamLine): void;
  /** It cannot go on. Not after `detach`. */
  onEnded(error: KlorosError): void;
}

interface Held {
  subscription: string | null;
  begun: boolean;
}

export class LinkStreams {
  readonly #held = new Map<LinkStream, Held>();
  readonly #bySubscription = new Map<string, LinkStream>();

  get isEmpty(): boolean {
    return this.#held.size === 0;
  }

  get all(): readonly LinkStream[] {
    return [...this.#held.keys()];
  }

  has(stream: LinkStream): boolean {
    return this.#held.has(stream);
  }

  add(stream: LinkStream): void {
    this.#held.set(stream, { subscription: null, begun: false });
  }

  /** The daemon has answered the request that begins it. */
  begin(stream: LinkStream, answer: unknown): void {
    const held = this.#held.get(stream);
    if (!held) return;
    held.subscription = subscriptionOf(answer);
    if (held.subscription !== null) this.#bySubscription.set(held.subscription, stream);
    const again = held.begun;
    held.begun = true;
    stream.onBegun(answer, again);
  }

  route(line: StreamLine): void {
    this.#bySubscription.get(line.subscription)?.onLine(line);
  }

  /** Forgets it; the subscription that is still to be ended at the daemon, if there is one. */
  remove(stream: LinkStream): string | null {
    const subscription = this.#held.get(stream)?.subscription ?? null;
    this.#held.delete(stream);
    if (subscription !== null) this.#bySubscription.delete(subscription);
    return subscription;
  }

  /** The connection is lost, and every subscription with it. */
  lose(): void {
    this.#bySubscription.clear();
    for (const held of this.#held.values()) held.subscription = null;
  }

  /** Ends all of them. */
  end(error: KlorosError): void {
    const streams = this.all;
    this.#held.clear();
    this.#bySubscription.clear();
    for (const stream of streams) stream.onEnded(error);
  }
}

/** The name of the subscription that an answer tells. */
export function subscriptionOf(answer: unknown): string | null {
  if (typeof answer !== "object" || answer === null) return null;
  const { subscription } = answer as { subscription?: unknown };
  return typeof subscription === "string" ? subscription : null;
}
