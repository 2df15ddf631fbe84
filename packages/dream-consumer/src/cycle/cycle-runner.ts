/**
 * Carries one cycle on, outside handlers: does the step that its phase names, has the report applied, and so on until it has
 * ended. All it knows stands in the durable state, so it can be begun anew at any time.
 *
 * P3 A step's files come before its report, and can be written again; report, next state and emission are one transaction.
 * P6 A full disk is waited for; what else goes wrong is tried a few times and is then the cycle's failure.
 * P10 The end of the cycle's time is looked for before each step and while waiting.
 */
import { isDiskFull, type Node } from "@kloros/bus";
import type { CycleRecord } from "@kloros/experiments";
import type { CycleEvent, CycleState, Phase } from "../decide/cycle-state.ts";
import { failed } from "../decide/outcome.ts";
import { dueAt, type Transition } from "../decide.ts";
import type { CycleStore, StepLeavings, StoredCycle } from "../durable/cycle-store.ts";
import { call, weigh } from "../steps/confirm.ts";
import { finish } from "../steps/finish.ts";
import { judge } from "../steps/judge.ts";
import { isNodeClosed } from "../steps/obstacle.ts";
import { prepare, readSnapshot } from "../steps/prepare.ts";
import { propose } from "../steps/propose.ts";
import type { StepInput, StepReport, Workshop } from "../steps/step.ts";
import { Alarm } from "./alarm.ts";

export interface RunnerParts {
  readonly node: Pick<Node, "state" | "transact">;
  readonly store: CycleStore;
  readonly shop: Workshop;
  readonly log: RunnerLog;
  /** Aborted when the daemon stops. */
  readonly stopping: AbortSignal;
}

export interface RunnerLog {
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

const STEPS: Readonly<Record<Phase, ((shop: Workshop, input: StepInput) => Promise<StepReport>) | null>> = {
  preparing: prepare,
  proposing: propose,
  evaluating: null,
  judging: judge,
  resting: null,
  calling: call,
  confirming: null,
  weighing: weigh,
  finishing: finish,
};

/** Tries of a step that is refused for another reason than a full disk. */
const MAX_TRIES = 4;
/** Wait before the second try, in milliseconds; doubles from try to try. */
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;

export class CycleRunner {
  readonly cycleId: string;
  readonly #parts: RunnerParts;
  readonly #alarm: Alarm;
  #record: CycleRecord | null = null;
  /** Of the step at hand, in a row. */
  #tries = 0;
  #waitsForDisk = false;

  constructor(cycleId: string, parts: RunnerParts) {
    this.cycleId = cycleId;
    this.#parts = parts;
    this.#alarm = new Alarm(parts.stopping);
  }

  /** Something has happened to the cycle: whoever waits looks again. */
  wake(): void {
    this.#alarm.ring();
  }

  /** Until the cycle has ended or the daemon stops. Never rejects. */
  async run(): Promise<void> {
    while (!this.#parts.stopping.aborted) {
      try {
        const stored = this.#parts.store.get(this.#parts.node.state, this.cycleId);
        if (stored === undefined) return;
        await this.#goOn(stored);
        this.#tries = 0;
        this.#waitsForDisk = false;
      } catch (error) {
        if (this.#parts.stopping.aborted || isNodeClosed(error)) return;
        await this.#overcome(error);
      }
    }
  }

  async #goOn(stored: StoredCycle): Promise<void> {
    const { state } = stored;
    const leftMs = this.#leftMs(stored);
    if (leftMs <= 0) {
      await this.#apply({ kind: "tick" });
      return;
    }
    const step = STEPS[state.phase];
    if (step === null) {
      await this.#alarm.wait(leftMs);
      return;
    }
    const report = await step(this.#parts.shop, await this.#inputOf(state));
    await this.#apply(report.event, report);
  }

  #leftMs(stored: StoredCycle): number {
    const dueMs = dueAt(stored.state);
    return dueMs === null ? Infinity : dueMs - this.#parts.store.moment(stored).elapsedMs;
  }

  async #inputOf(state: CycleState): Promise<StepInput> {
    const { node, store, shop, stopping } = this.#parts;
    if (state.phase !== "preparing") this.#record ??= await readSnapshot(shop.home, this.cycleId);
    return { state, record: this.#record, search: store.search(node.state, this.cycleId), stopping };
  }

  async #apply(event: CycleEvent, leavings: StepLeavings = {}): Promise<void> {
    const { node, store, log } = this.#parts;
    const result = await node.transact((tx) => store.apply(tx, this.cycleId, event, leavings));
    logTransition(log, this.cycleId, event, result);
  }

  async #overcome(error: unknown): Promise<void> {
    const { log } = this.#parts;
    const data = { cycle_id: this.cycleId, err: error };
    if (isDiskFull(error)) {
      if (!this.#waitsForDisk) log.error(data, "The disk is full: the cycle waits for space");
      this.#waitsForDisk = true;
    } else if (++this.#tries >= MAX_TRIES) {
      log.error(data, "The cycle's step cannot be done");
      await this.#giveUp(error).catch((cause: unknown) =>
        log.error({ cycle_id: this.cycleId, err: cause }, "It could not be noted"),
      );
      this.#tries = 0;
    } else log.warn(data, "The cycle's step failed and is tried again");
    await this.#alarm.pause(Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#tries));
  }

  async #giveUp(error: unknown): Promise<void> {
    const stored = this.#parts.store.get(this.#parts.node.state, this.cycleId);
    if (stored === undefined) return;
    const message = error instanceof Error ? error.message : String(error);
    const failure = failed("FilesNotUsable", `while ${stored.state.phase}: ${message}`);
    await this.#apply({ kind: "broke", phase: stored.state.phase, failure });
  }
}

/** One line for each thing that happens to a cycle. */
export function logTransition(
  log: RunnerLog,
  cycleId: string,
  event: CycleEvent,
  result: Transition | undefined,
): void {
  const data = { cycle_id: cycleId, event: event.kind };
  if (result === undefined) log.info(data, "No such cycle runs, ignored");
  else if (result.kind === "ignored") log.info({ ...data, reason: result.reason }, "Ignored by the cycle");
  else if (result.kind === "ended") log.info({ ...data, ...outcomeFields(result.outcome) }, "Cycle ended");
  else {
    const { phase, generation, candidates_made, best } = result.state;
    log.info(
      { ...data, phase, generation, candidates_made, best_fitness: best?.fitness ?? null },
      "Cycle goes on",
    );
  }
}

function outcomeFields(outcome: Extract<Transition, { kind: "ended" }>["outcome"]): object {
  return outcome.kind === "won"
    ? { outcome: "won", fitness: outcome.fitness }
    : { outcome: outcome.error_type, error_message: outcome.error_message };
}
