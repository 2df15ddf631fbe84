/**
 * Begins cycles: takes triggers from the queue while there is room, one cycle per experiment, and keeps a runner for each. Whatever
 * it does is decided by the durable state, so a start after a crash is one more look at it.
 */
import type { Node, Tx } from "@kloros/bus";
import { nextCycle } from "../decide/admission.ts";
import type { Failed } from "../decide/outcome.ts";
import { Alarm } from "../cycle/alarm.ts";
import { CycleRunner, type RunnerParts } from "../cycle/cycle-runner.ts";
import { forgetOldCycles } from "../cycle/retention.ts";
import { refuse } from "../durable/refusals.ts";
import type { RootMemory } from "../durable/root-memory.ts";
import { type Place, queueOf } from "../durable/trigger-queue.ts";
import { chosenExperiment } from "../steps/chosen-experiment.ts";
import { isNodeClosed } from "../steps/obstacle.ts";

export interface DispatcherParts extends RunnerParts {
  readonly node: Node;
  readonly roots: RootMemory;
  readonly maxRunning: number;
  readonly graceMs: number;
  /** A cycle has ended. */
  readonly onEnded: (cycleId: string) => void;
}

/** Wait after a look that failed (a full disk), in milliseconds. */
const PAUSE_MS = 1_000;

export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #runners = new Map<string, CycleRunner>();
  readonly #runs = new Set<Promise<void>>();
  readonly #alarm: Alarm;
  /** Which experiment a waiting trigger means, as far as it has been looked up; by cycle id. */
  readonly #meant = new Map<string, string>();
  #loop: Promise<void> = Promise.resolve();

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#alarm = new Alarm(parts.stopping);
  }

  /** Goes on with what the durable state holds, and begins to look at the queue. */
  start(): void {
    for (const { state } of this.#parts.store.running(this.#parts.node.state)) this.#run(state.cycle_id);
    this.#loop = this.#watch();
  }

  /** Until all that runs has come to rest; the stopping signal must have been given. */
  async stop(): Promise<void> {
    await this.#loop;
    await Promise.all(this.#runs);
  }

  /** The queue may have changed. */
  kick(): void {
    this.#alarm.ring();
  }

  /** Something has happened to a cycle. */
  wake(cycleId: string): void {
    this.#runners.get(cycleId)?.wake();
  }

  /** The experiment that a waiting trigger means, where it is known. */
  meant(cycleId: string): string | null {
    return this.#meant.get(cycleId) ?? null;
  }

  async #watch(): Promise<void> {
    const { stopping, log } = this.#parts;
    while (!stopping.aborted) {
      try {
        if (!(await this.#look())) await this.#alarm.wait(Infinity);
      } catch (error) {
        if (stopping.aborted || isNodeClosed(error)) return;
        log.error({ err: error }, "Cycles cannot be begun now, trying again");
        await this.#alarm.pause(PAUSE_MS);
      }
    }
  }

  /** Begins or refuses one; false: there is nothing to do. */
  async #look(): Promise<boolean> {
    const { node, store, maxRunning, graceMs, shop } = this.#parts;
    const running = store.running(node.state).map(({ state }) => state.experiment);
    const queue = queueOf(node.state);
    if (running.length >= maxRunning || queue.length === 0) return false;
    const wishes: { place: Place; experiment: string }[] = [];
    for (const place of queue) {
      const choice = await chosenExperiment(shop.home, place.queued.trigger);
      if (choice.kind === "refused") return this.#refuse(place, choice.failure);
      this.#meant.set(place.queued.cycle_id, choice.experiment.name);
      wishes.push({ place, experiment: choice.experiment.name });
      if (!running.includes(choice.experiment.name)) break;
    }
    const next = nextCycle(wishes, running, maxRunning);
    if (next === null) return false;
    const { queued, key } = next.place;
    const begun = await node.transact((tx) => {
      if (tx.state.get(key) === undefined) return false; // Cancelled meanwhile.
      const beginning = { ...queued, experiment: next.experiment, grace_ms: graceMs };
      if (!store.begin(tx, beginning)) return false;
      tx.state.delete(key);
      return true;
    });
    if (begun) this.#run(queued.cycle_id);
    return true;
  }

  async #refuse({ key, queued }: Place, failure: Failed): Promise<boolean> {
    await this.#parts.node.transact((tx) => {
      if (tx.state.get(key) !== undefined) this.end(tx, { key, queued }, failure);
    });
    return true;
  }

  /** Ends a trigger that waits, without a cycle. */
  end(tx: Tx, { key, queued }: Place, failure: Failed): void {
    const { trigger, cycle_id } = queued;
    const { attempt, trigger_id, root_id } = trigger;
    tx.state.delete(key);
    this.#parts.roots.put(tx.state, root_id, { cycle_id, attempt, trigger_id, standing: "failed" });
    refuse(tx, trigger, cycle_id, failure);
    tx.afterCommit(() => void this.#meant.delete(cycle_id));
  }

  #run(cycleId: string): void {
    if (this.#runners.has(cycleId)) return;
    this.#meant.delete(cycleId);
    const runner = new CycleRunner(cycleId, this.#parts);
    this.#runners.set(cycleId, runner);
    const run = runner.run().then(async () => {
      this.#runners.delete(cycleId);
      this.#runs.delete(run);
      if (this.#parts.stopping.aborted) return;
      this.#parts.onEnded(cycleId);
      this.kick();
      await this.#tidy();
    });
    this.#runs.add(run);
  }

  async #tidy(): Promise<void> {
    const { shop, store, node, log } = this.#parts;
    try {
      const removed = await forgetOldCycles(shop.home, store.finished(node.state));
      if (removed.length > 0) log.info({ cycles: removed }, "Old cycles removed");
    } catch (err) {
      log.warn({ err }, "Old cycles could not be removed, tried again after the next one");
    }
  }
}
