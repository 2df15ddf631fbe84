/** What the daemon answers on its control socket: how it stands, and the wish to end a cycle. */
import type { Node } from "@kloros/bus";
import { type ControlEvents, ControlRequestError } from "@kloros/daemon";
import type { CycleSummary } from "@kloros/experiments";
import { callOff } from "./cycle/call-off.ts";
import type { ProgressBoard } from "./cycle/progress.ts";
import { failed } from "./decide/outcome.ts";
import type { CycleStore, StoredCycle } from "./durable/cycle-store.ts";
import { lastRefusal, type Refusal } from "./durable/refusals.ts";
import { queueOf } from "./durable/trigger-queue.ts";
import type { Dispatcher } from "./queue/dispatcher.ts";

export interface ControlParts {
  readonly node: Node;
  readonly store: CycleStore;
  readonly progress: ProgressBoard;
  readonly dispatcher: Dispatcher;
  readonly home: string;
  readonly log: { info(data: object, message: string): void };
}

/** The answer to `dream:status`. */
export interface DreamStatus {
  readonly running: readonly RunningCycle[];
  readonly queued: readonly {
    readonly trigger_id: string;
    readonly cycle_id: string;
    readonly topic: string | null;
    /** null: not looked up yet. */
    readonly experiment: string | null;
  }[];
  /** How the cycle before ended. */
  readonly last: CycleSummary | null;
  /** The last trigger since then that ended without a cycle. */
  readonly refused: Refusal | null;
}

export interface RunningCycle {
  readonly cycle_id: string;
  readonly experiment: string;
  readonly topic: string | null;
  readonly phase: string;
  /** Counted from 0. */
  readonly generation: number;
  readonly generations_max: number | null;
  /** Of the generation at work. */
  readonly candidates_done: number;
  readonly candidates_total: number;
  readonly best_fitness: number | null;
  readonly started_at: string;
  readonly elapsed_seconds: number;
  /** `wallclock_sec` of the experiment; null until it is known. */
  readonly budget_seconds: number | null;
}

const MS_PER_SECOND = 1_000;

export function controlEvents(parts: ControlParts): ControlEvents {
  return {
    "dream:status": {
      summary: "Cycles that run and that wait, how the last one ended, and what was refused since.",
      parameters: { properties: {} },
      examples: [{}],
      answer: () => status(parts),
    },
    "dream:cancel": {
      summary: "Ends a cycle that runs or waits; it fails as cancelled.",
      parameters: {
        properties: {
          cycle_id: { type: "string", minLength: 1, description: "Id of a cycle; dream:status lists them." },
        },
        required: ["cycle_id"],
      },
      examples: [{ cycle_id: "dream_20251120_093000_a1b2" }],
      answer: async ({ cycle_id }) => cancel(parts, cycle_id as string),
    },
  };
}

function status({ node, store, progress, dispatcher }: ControlParts): DreamStatus {
  return {
    running: store.running(node.state).map((stored) => running(stored, store, progress)),
    queued: queueOf(node.state).map(({ queued: { cycle_id, trigger } }) => ({
      trigger_id: trigger.trigger_id,
      cycle_id,
      topic: trigger.topic,
      experiment: trigger.experiment ?? dispatcher.meant(cycle_id),
    })),
    last: store.last(node.state),
    refused: lastRefusal(node.state),
  };
}

function running(stored: StoredCycle, store: CycleStore, progress: ProgressBoard): RunningCycle {
  const { state } = stored;
  return {
    cycle_id: state.cycle_id,
    experiment: state.experiment,
    topic: state.trigger.topic,
    phase: state.phase,
    generation: state.generation,
    generations_max: state.plan?.max_generations ?? null,
    ...progress.of(state),
    started_at: state.started_at,
    elapsed_seconds: Math.round(store.moment(stored).elapsedMs) / MS_PER_SECOND,
    budget_seconds: state.plan === null ? null : state.plan.wallclock_ms / MS_PER_SECOND,
  };
}

async function cancel(parts: ControlParts, cycle_id: string): Promise<object> {
  const { node, store, dispatcher } = parts;
  let before: StoredCycle | undefined;
  const problem = await node.transact((tx) => {
    before = store.get(tx.state, cycle_id);
    const result = store.apply(tx, cycle_id, { kind: "cancelled" });
    if (result?.kind === "ignored") return `${cycle_id} is being finished already`;
    if (result !== undefined) return null;
    const place = queueOf(tx.state).find(({ queued }) => queued.cycle_id === cycle_id);
    if (place === undefined) return `${cycle_id} neither runs nor waits; dream:status lists those that do`;
    dispatcher.end(tx, place, failed("Cancelled", `${cycle_id} was cancelled on request before it began`));
    return null;
  });
  if (problem !== null) throw new ControlRequestError(problem);
  dispatcher.wake(cycle_id);
  if (before !== undefined) void callOff(parts, before.state);
  return { cycle_id, cancelled: true };
}
