/** One emitter and one consumer on a home, in processes of their own, connected. */
import { CONSUMER, SIGNAL } from "../bench-signal.ts";
import { Part } from "../processes/part.ts";

export interface MeshPair {
  readonly emitter: Part;
  readonly consumer: Part;
}

/** Starts both; signal number 0 has travelled from one to the other when this resolves. */
export async function meshPair(home: string, handler: "count" | "note" | "transact"): Promise<MeshPair> {
  const emitter = new Part("emitter", { home, signal: SIGNAL });
  const consumer = new Part("consumer", { home, daemon: CONSUMER, signal: SIGNAL, handler });
  await emitter.ask("emitAll", { first: 0, count: 1 });
  await consumer.ask("handled", { count: 1 });
  return { emitter, consumer };
}
