/**
 * The shell: triggers and tournaments' answers come in as signals and are noted in one transaction each; `Dispatcher` and its
 * runners do the work outside handlers. Nothing here waits for anything long, so the daemon answers at all times.
 *
 * P3 A trigger becomes a place in the queue, an answer becomes a step of its cycle, with the cursor, or not at all.
 */
import { killLeftovers } from "@kloros/bounded-process";
import type { Facts, HandlerTx, Node } from "@kloros/bus";
import type { DaemonContext, DaemonParts } from "@kloros/daemon";
import type { Config } from "./config.ts";
import { controlEvents } from "./control.ts";
import { logTransition } from "./cycle/cycle-runner.ts";
import { ProgressBoard } from "./cycle/progress.ts";
import type { CycleEvent, TournamentFailure } from "./decide/cycle-state.ts";
import { CycleStore } from "./durable/cycle-store.ts";
import { type MachineClock, machineClock } from "./durable/machine-clock.ts";
import { RootMemory } from "./durable/root-memory.ts";
import { queueOf } from "./durable/trigger-queue.ts";
import { GenerationDesk } from "./generation/generation-desk.ts";
import { Dispatcher } from "./queue/dispatcher.ts";
import { takeTrigger } from "./queue/take-trigger.ts";
import type { SearchEngine } from "./search/engine.ts";
import { searchEngine } from "./search/search.ts";
import { artifactRuns } from "./steps/write-winner.ts";

/** What the daemon is made of besides its context; left out: the real ones. */
export interface Ingredients {
  readonly engine?: SearchEngine;
  readonly clock?: MachineClock;
}

/** Registers the handlers; cycles go on when the node has started. */
export function dreamConsumer(
  context: DaemonContext<Config>,
  { engine = searchEngine, clock = machineClock() }: Ingredients = {},
): DaemonParts {
  const { node, config, home, workspace, log, stopping } = context;
  const roots = new RootMemory(config.remembered_triggers);
  const store = new CycleStore(clock, roots);
  const progress = new ProgressBoard();
  const dispatcher = new Dispatcher({
    node,
    store,
    roots,
    log,
    stopping,
    shop: { home, workspace, desk: new GenerationDesk(engine, engine === searchEngine), log },
    maxRunning: config.max_running,
    graceMs: config.grace,
    onEnded: (cycleId) => progress.forget(cycleId),
  });
  const desk = { roots, maxQueued: config.max_queued, log, onQueued: () => dispatcher.kick() };

  node.on("Q_DREAM_TRIGGER", (signal, tx) => takeTrigger(desk, signal, tx));
  onTournamentEnd(node, (facts, failure, tx) => {
    const event: CycleEvent = { kind: "tournament-ended", tournament_id: facts.tournament_id, failure };
    const result = store.apply(tx, facts.cycle_id, event);
    logTransition(log, facts.cycle_id, event, result);
    tx.afterCommit(() => dispatcher.wake(facts.cycle_id));
  });
  node.on("Q_TOURNAMENT_PROGRESS", ({ facts }, tx) => {
    const stored = store.get(tx.state, facts.cycle_id);
    if (stored === undefined || !progress.note(stored.state, facts)) return;
    const told = progress.tell(stored.state, store.moment(stored).elapsedMs, performance.now());
    if (told !== null) tx.emit("Q_DREAM_PROGRESS", told);
  });

  return {
    start: async () => {
      await killLeftovers(artifactRuns(home)); // Mutators that outlived this daemon's last life.
      dispatcher.start();
    },
    stop: () => dispatcher.stop(),
    statusLine: () => statusLine(node, store),
    health: () => ({
      running: store.running(node.state).length,
      queued: queueOf(node.state).length,
    }),
    control: controlEvents({ node, store, progress, dispatcher, home, log }),
  };
}

type Ended = Pick<Facts<"Q_TOURNAMENT_FAILED">, "tournament_id" | "cycle_id">;

function onTournamentEnd(
  node: Node,
  handle: (facts: Ended, failure: TournamentFailure | null, tx: HandlerTx) => void,
): void {
  node.on("Q_TOURNAMENT_COMPLETE", ({ facts }, tx) => handle(facts, null, tx));
  node.on("Q_TOURNAMENT_FAILED", ({ facts }, tx) => {
    const { error_type, error_message, retry_possible } = facts;
    handle(facts, { error_type, error_message, retry_possible }, tx);
  });
}

function statusLine({ state }: Node, store: CycleStore): string {
  const running = store.running(state).map((one) => one.state);
  if (running.length > 0)
    return running.map((one) => `${one.experiment}: ${one.phase}, generation ${one.generation}`).join("; ");
  const last = store.last(state);
  return last === null ? "no cycle yet" : `idle; ${last.cycle_id} ${last.error?.type ?? last.status}`;
}
