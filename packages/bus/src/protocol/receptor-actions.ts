/** What goes into a receptor's state machine, and what comes out of it. */
import type { BusLimits } from "./limits.ts";
import type { EmitterProgress, Subscription } from "./resume.ts";
import type { Ack, Fetch, Hello } from "./wire.ts";

export type ReceptorAction =
  | { readonly kind: "send"; readonly message: Hello | Fetch | Ack }
  /** A new starting position, to be made durable, so that `now` stays the same now. `fresh`: it replaces one in use. */
  | { readonly kind: "persist"; readonly fresh: boolean }
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
