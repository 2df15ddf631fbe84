/** The effect of a handling that can be counted afterwards. */
import type { HandlerTx } from "../../src/node/api.ts";
import type { Envelope } from "../../src/signal/envelope.ts";

export type Handle = (signal: Envelope, tx: HandlerTx) => void | Promise<void>;

/** Counts in durable state, in the handling's own transaction: proof of effects once. */
export const countEffect: Handle = (signal, tx) => {
  const key = `seen/${String(signal.facts["n"]).padStart(6, "0")}`;
  tx.state.put(key, (tx.state.get<number>(key) ?? 0) + 1);
};
