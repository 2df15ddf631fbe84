/** A consumer with one handler, which counts, notes the moment, or does a transaction. */
import { loadContracts, openNode, type Envelope, type HandlerTx, type SignalName } from "@kloros/bus";
import { setTimeout as sleep } from "node:timers/promises";
import type { SIGNAL } from "../bench-signal.ts";
import { chosenLimits } from "../processes/limits.ts";
import { stderrLog } from "../processes/log.ts";
import { cpuMicros, nowNs, optionsOf, serve } from "../processes/protocol.ts";

interface Options {
  readonly home: string;
  readonly daemon: string;
  readonly signal: SignalName;
  readonly handler: keyof typeof HANDLERS;
  readonly from?: "earliest" | "now";
  readonly contractDirs?: readonly string[];
}

/** How often the books are looked at, in milliseconds: it adds half of it to a run of seconds. */
const LOOK_EVERY_MS = 1;

/** Moments of one signal, in nanoseconds. */
interface Seen {
  readonly question_id: string;
  /** When it was emitted, if the emitter has put that into the facts. */
  readonly startNs: number;
  readonly enteredNs: number;
  committedNs: number;
}
const seen: Seen[] = [];

const HANDLERS = { count, note, transact };

const { home, daemon, signal, handler, from = "earliest", contractDirs = [] } = optionsOf<Options>();
const contracts = loadContracts({ extraDirs: contractDirs });
const begun = nowNs();
const node = await openNode({ daemon, home, contracts, limits: chosenLimits(), log: stderrLog });
node.on(signal, HANDLERS[handler] as never, { from });
await node.start();

serve({ usage: cpuMicros, ready: () => true, handled, seen: takeSeen }, () => node.close());

/** When `target` signals are handled and the cursor behind them is committed, counted from this process's start. */
async function handled({ count: target }: { count: number }) {
  while (node.stats().handled < target) await sleep(LOOK_EVERY_MS);
  return { atNs: nowNs(), sinceOpenMs: (nowNs() - begun) / 1e6 };
}

function takeSeen(): Seen[] {
  return seen.splice(0);
}

function count(): void {
  // The node counts.
}

function note({ facts }: Envelope<typeof SIGNAL>, tx: HandlerTx): void {
  const enteredNs = nowNs();
  const { question_id, generated_at } = facts;
  const moments: Seen = { question_id, startNs: Number(generated_at), enteredNs, committedNs: NaN };
  seen.push(moments);
  tx.afterCommit(() => {
    moments.committedNs = nowNs();
  });
}

/** What a small daemon does: remembers, and says what came of it. */
function transact({ facts: { question_id } }: Envelope<typeof SIGNAL>, tx: HandlerTx): void {
  tx.state.put(`asked:${question_id}`, { at: Date.now() });
  tx.emit("Q_INVESTIGATION_COMPLETE", {
    question_id,
    investigation_timestamp: "20251115_103000",
    hypothesis: "UNDISCOVERED_MODULE_audio",
    confidence: 0.8,
    evidence_count: 2,
  });
}
