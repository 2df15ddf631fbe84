/** A consumer with one handler, which checks that every signal comes once and in order. */
import { setTimeout as sleep } from "node:timers/promises";
import { type BusLimits, type Envelope, loadContracts, openNode } from "@kloros/bus";
import { CONSUMER, indexOf, SIGNAL } from "./bench-signal.ts";
import { stderrLog } from "./bus-log.ts";
import { nowNs, optionsOf, peakMemoryBytes, serve } from "./conversation.ts";

/** How often the books are looked at, in milliseconds. */
const LOOK_EVERY_MS = 1;

interface Options {
  readonly home: string;
  readonly limits: Partial<BusLimits>;
  /** Number of the first signal that should come. Default 0. */
  readonly first?: number;
}

let outOfOrder = 0;
let latenciesMs: number[] = [];

const { home, limits, first = 0 } = optionsOf<Options>();
let next = first;
const node = await openNode({ daemon: CONSUMER, home, contracts: loadContracts(), limits, log: stderrLog });
node.on(SIGNAL, onSignal, { from: "earliest" });
await node.start();

serve({ handled, latencies, peakMemory: peakMemoryBytes }, () => node.close());

function onSignal({ facts }: Envelope<typeof SIGNAL>): void {
  if (facts.generated_at !== undefined) latenciesMs.push((nowNs() - Number(facts.generated_at)) / 1e6);
  if (indexOf(facts) !== next) outOfOrder++;
  next = indexOf(facts) + 1;
}

/** When `count` signals are handled and the cursor behind them is committed. */
async function handled({ count }: { readonly count: number }): Promise<{ atNs: number; outOfOrder: number }> {
  while (node.stats().handled < count) await sleep(LOOK_EVERY_MS);
  return { atNs: nowNs(), outOfOrder };
}

/** Of the paced signals since the last question, in milliseconds: from the emit to the handler. */
function latencies(): readonly number[] {
  const taken = latenciesMs;
  latenciesMs = [];
  return taken;
}
