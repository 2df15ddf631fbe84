/** An emitter that does nothing else: a node, and the patterns in which signals are asked of it. */
import { setTimeout as sleep } from "node:timers/promises";
import { loadContracts, openNode, type SignalName } from "@kloros/bus";
import { EMITTER, factsOf } from "../bench-signal.ts";
import { SyncProbe } from "../machine/sync-probe.ts";
import { chosenLimits } from "../processes/limits.ts";
import { stderrLog } from "../processes/log.ts";
import { cpuMicros, nowNs, optionsOf, serve } from "../processes/protocol.ts";

interface Options {
  readonly home: string;
  readonly signal: SignalName;
  readonly contractDirs?: readonly string[];
}
interface Span {
  readonly first: number;
  readonly count: number;
}

interface Burst extends Span {
  readonly sampleEvery?: number;
  readonly maxInFlight?: number;
}

/**
 * Emits without a receipt yet: some commits' worth, so that one fills while another syncs. With many more the waiting
 * outgrows V8's young generation, and the garbage collector costs as much as the emits.
 */
const MAX_IN_FLIGHT = 2_048;
/** Emits in one turn of the event loop: a share of those in flight. */
const TURN_SHARE = 1 / 4;

const { home, signal, contractDirs = [] } = optionsOf<Options>();
const contracts = loadContracts({ extraDirs: contractDirs });
const begun = performance.now();
const node = await openNode({ daemon: EMITTER, home, contracts, limits: chosenLimits(), log: stderrLog });
await node.start();
const openMs = performance.now() - begun;

serve({ usage: cpuMicros, openMs: () => openMs, emitAll, emitPaced, emitAgain }, () => node.close());

/** As fast as receipts come. Answers when all are durable; every `sampleEvery`th id is told. */
async function emitAll({ first, count, sampleEvery = Infinity, maxInFlight = MAX_IN_FLIGHT }: Burst) {
  const turn = maxInFlight * TURN_SHARE;
  const startNs = nowNs();
  const samples: { index: number; id: string }[] = [];
  let inFlight = 0;
  let resume = (): void => undefined;
  const one = async (index: number): Promise<void> => {
    inFlight++;
    const { id } = await node.emit(signal, factsOf(index));
    inFlight--;
    if (index % sampleEvery === 0) samples.push({ index, id });
    if (inFlight <= maxInFlight - turn) resume();
  };
  const end = first + count;
  let last = Promise.resolve();
  for (let from = first; from < end; from += turn) {
    for (let index = from; index < Math.min(from + turn, end); index++) last = one(index);
    if (inFlight > maxInFlight - turn) await new Promise<void>((resolve) => (resume = resolve));
    else await new Promise(setImmediate);
  }
  await last; // One journal, one order: with the last, all are durable.
  return { startNs, tookNs: nowNs() - startNs, samples };
}

/** One at a time, each after the disk has been asked for its own price. The facts carry the moment of the emit. */
async function emitPaced({ first, count, bytes }: Span & { bytes: number }) {
  const probe = new SyncProbe(home, bytes);
  const syncMs: number[] = [];
  const receiptMs: number[] = [];
  for (let index = first; index < first + count; index++) {
    syncMs.push(probe.measureMs());
    await sleep(2 + Math.random() * 6); // No rhythm that could agree with another one.
    const startNs = nowNs();
    await node.emit(signal, { ...factsOf(index), generated_at: startNs });
    receiptMs.push((nowNs() - startNs) / 1e6);
    await sleep(2 + Math.random() * 6);
  }
  probe.close();
  return { syncMs, receiptMs };
}

/** Emits ids that the journal holds already: each is found and answered with its first receipt. */
async function emitAgain({ samples }: { samples: readonly { index: number; id: string }[] }) {
  const startNs = nowNs();
  for (const { index, id } of samples) {
    const { durability } = await node.emit(signal, factsOf(index), { id });
    if (durability !== "duplicate") throw new Error(`the journal did not know ${id}`);
  }
  return (nowNs() - startNs) / 1e3 / samples.length;
}
