/** An emitter that does nothing else: a node, and the patterns in which signals are asked of it. */
import { setTimeout as sleep } from "node:timers/promises";
import { type BusLimits, loadContracts, openNode } from "@kloros/bus";
import { EMITTER, factsOf, SIGNAL } from "./bench-signal.ts";
import { stderrLog } from "./bus-log.ts";
import { nowNs, optionsOf, peakMemoryBytes, serve } from "./conversation.ts";

interface Span {
  readonly first: number;
  readonly count: number;
}

/** Emits without a receipt yet, as in the project's throughput bench. */
const MAX_IN_FLIGHT = 2_048;
/** Emits in one turn of the event loop. */
const TURN = MAX_IN_FLIGHT / 4;

const { home, limits } = optionsOf<{ home: string; limits: Partial<BusLimits> }>();
const node = await openNode({ daemon: EMITTER, home, contracts: loadContracts(), limits, log: stderrLog });
await node.start();

serve({ emitAll, emitPaced, peakMemory: peakMemoryBytes }, () => node.close());

/** As fast as receipts come. Answers with its beginning when all are durable. */
async function emitAll({ first, count }: Span): Promise<{ startNs: number }> {
  const startNs = nowNs();
  let inFlight = 0;
  let resume = (): void => undefined;
  const one = async (index: number): Promise<void> => {
    inFlight++;
    await node.emit(SIGNAL, factsOf(index));
    inFlight--;
    if (inFlight <= MAX_IN_FLIGHT - TURN) resume();
  };
  const end = first + count;
  let last = Promise.resolve();
  for (let from = first; from < end; from += TURN) {
    for (let index = from; index < Math.min(from + TURN, end); index++) last = one(index);
    if (inFlight > MAX_IN_FLIGHT - TURN) await new Promise<void>((resolve) => (resume = resolve));
    else await new Promise(setImmediate);
  }
  await last; // One journal, one order: with the last, all are durable.
  return { startNs };
}

/** One at a time. The facts carry the moment of the emit. */
async function emitPaced({ first, count }: Span): Promise<void> {
  for (let index = first; index < first + count; index++) {
    await sleep(1 + Math.random() * 4); // No rhythm that could agree with another one.
    await node.emit(SIGNAL, { ...factsOf(index), generated_at: nowNs() });
  }
}
