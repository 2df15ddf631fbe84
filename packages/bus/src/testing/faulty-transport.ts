/**
 * Makes any transport as bad as it is allowed to be: live frames lost, doubled, late and out of order, requests and
 * replies lost. Seeded, so that a run can be had again. What a promise is worth shows here.
 */
import type { ReceptorEnd, ReceptorHandlers, Transport } from "../transport/transport.ts";
import { seededRandom } from "./seeded-random.ts";

/** Probabilities from 0 (default) to 1. */
export interface Faults {
  readonly dropLive?: number;
  readonly duplicateLive?: number;
  /** Share of live frames that arrive late, and so behind younger ones. */
  readonly delayLive?: number;
  readonly loseRequests?: number;
  readonly loseReplies?: number;
}

export interface FaultyTransport extends Transport {
  /** From now on; `{}` heals everything. */
  setFaults(faults: Faults): void;
  /** How often something was lost, doubled or delayed. */
  readonly count: number;
}

/** Longest delay of a late frame, in milliseconds. */
const MAX_DELAY_MS = 20;
/** Nothing gets through in either direction, as with a pulled cable. */
export const DISCONNECTED: Faults = { dropLive: 1, loseRequests: 1, loseReplies: 1 };

/** Wraps `inner`; the same `seed` over the same traffic gives the same faults. */
export function faultyTransport(inner: Transport, seed: number, faults: Faults = {}): FaultyTransport {
  const random = seededRandom(seed);
  let current = faults;
  let count = 0;
  const hit = (probability = 0): boolean => {
    const strikes = probability > 0 && random() < probability;
    if (strikes) count++;
    return strikes;
  };
  return {
    openEmitter: (emitter, handlers) => inner.openEmitter(emitter, handlers),
    connect(emitter, topics, handlers) {
      let closed = false;
      const end = inner.connect(emitter, topics, withFaults(handlers));
      const late = (deliver: () => unknown) => {
        setTimeout(() => {
          if (!closed) deliver();
        }, random() * MAX_DELAY_MS);
      };
      function withFaults(sound: ReceptorHandlers): ReceptorHandlers {
        return {
          ...sound,
          onLive(topic, payload) {
            if (hit(current.dropLive)) return;
            const deliver = () => sound.onLive(topic, payload);
            if (hit(current.duplicateLive)) late(deliver);
            if (hit(current.delayLive)) late(deliver);
            else return deliver();
          },
          onReply(frames) {
            if (!hit(current.loseReplies)) sound.onReply(frames);
          },
        };
      }
      return {
        request: (frame) => hit(current.loseRequests) || end.request(frame),
        close() {
          closed = true;
          return end.close();
        },
      } satisfies ReceptorEnd;
    },
    setFaults(next) {
      current = next;
    },
    get count() {
      return count;
    },
  };
}
