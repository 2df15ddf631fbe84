/** What goes into a receptor's state machine, and what comes out of it. */
import type { BusLimits } from "./limits.ts";
import type { EmitterProgress, Subscription } from "./resume.ts";
import type { Ack, Fetch, Hello } from "./wire.ts";

export type ReceptorAction =
  | { readonly kind: "send"; readonly message: Hello | Fetch | Ack }
  /** What is known by now is to be made durable, so that `now` stays the same now, and a loss is counted once. */
  | { readonly kind: "persist" }
  /**
   * What was accepted belongs to a journal that is no more. All of it is to be forgotten; once everything that is on its
   * way to disk has arrived there, a new receptor begins from what the disk says.
   */
  | { readonly kind: "start_over" }
  | { readonly kind: "welcomed"; readonly mismatch: readonly string[] }
  /** The emitter's journal is an old copy of itself: what it emitted after that copy is known here and not there. */
  | { readonly kind: "set_back" }
  /** Signals that are gone for ever (P4): to be shouted. `count` null: nobody knows how many. */
  | {
      readonly kind: "lost";
      readonly signal: string;
      readonly count: number | null;
      readonly reason: string;
    };

type ReceptorLimits = Pick<
  BusLimits,
  "maxInboxSignals" | "maxInboxBytes" | "ledgerDeadlineMs" | "heartbeatIdleMs"
>;

export interface ReceptorOptions {
  readonly consumer: string;
  readonly emitter: string;
  readonly subscriptions: ReadonlyMap<string, Subscription>;
  readonly progress: EmitterProgress | null;
  readonly limits: ReceptorLimits;
  readonly random: () => number;
}
