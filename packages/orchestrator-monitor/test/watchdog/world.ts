/**
 * A world for the watchdog under virtual clocks: what asks, what answers, what the watchdog has heard of it, what is on its
 * disk. Its hearing and its firing are the real ones; node, journals and time are models. `truth` knows what really happened.
 */
import { type Envelope, loadContracts, type Tx, type Unfinished } from "@kloros/bus";
import type { Logger } from "@kloros/daemon";
import { expectationsOf } from "../../src/watchdog/expectations.ts";
import { Firing } from "../../src/watchdog/firing.ts";
import { Hearing } from "../../src/watchdog/hear.ts";
import { Ledger } from "../../src/watchdog/ledger.ts";
import { keepAnchor, keptAnchor, storedMatters } from "../../src/watchdog/matter-store.ts";
import { sweep } from "../../src/watchdog/sweep.ts";
import { Timeline } from "../../src/watchdog/timeline.ts";

export const WITHIN_MS = 600_000;
const contracts = loadContracts();
const deadlines = new Map([["Q_CURIOSITY_INVESTIGATE", WITHIN_MS]]);
const expectations = expectationsOf(contracts, "orchestrator_monitor", deadlines);
const silent = new Proxy({}, { get: () => () => undefined }) as unknown as Logger;

export interface Asked {
  readonly id: string;
  readonly key: string;
  /** Milliseconds of real time. */
  readonly at: number;
  /** The watchdog had heard every earlier answer of the key: nothing of the past can be mistaken for this one's. */
  readonly isPlain: boolean;
}

export interface Told {
  readonly trigger: string;
  readonly id: string;
  readonly key: string;
  readonly at: number;
  /** Whether its work was still open in truth. */
  readonly open: boolean;
}

interface Journal {
  readonly signals: Envelope[];
  heard: number;
}

export class World {
  /** Real milliseconds; the wall clock is `#wallOffset` away from them, the process's own clock began at its start. */
  now = 1_000_000;
  #wallOffset = 1_700_000_000_000;
  #processStart = 0;
  #count = 0;
  readonly asked: Asked[] = [];
  readonly told: Told[] = [];
  /** Triggers whose work is open in truth, by key. */
  readonly open = new Map<string, Set<string>>();
  readonly #asks: Journal = { signals: [], heard: 0 };
  readonly #answers: Journal = { signals: [], heard: 0 };
  readonly #disk = new Map<string, string>();
  #ledger = new Ledger();
  #timeline!: Timeline;
  #hearing!: Hearing;
  #firing!: Firing;
  isUp = false;
  /** Real time since which the watchdog runs and has heard all. */
  currentSince: number | null = null;

  constructor() {
    this.start();
  }

  ask(key: string, cause: Told | null = null): void {
    const envelope = this.#envelope("Q_CURIOSITY_INVESTIGATE", key, cause?.id ?? null);
    this.#asks.signals.push(envelope);
    const unheard = this.#answers.signals.slice(this.#answers.heard);
    const isPlain = !unheard.some(({ correlation_id }) => correlation_id === key);
    this.asked.push({ id: envelope.id, key, at: this.now, isPlain });
    this.open.set(key, (this.open.get(key) ?? new Set()).add(envelope.id));
    this.currentSince = null;
  }

  /** One answer for all that is open of this key. */
  answer(key: string): void {
    const [first] = this.open.get(key) ?? [];
    if (first === undefined) return;
    this.open.delete(key);
    this.#answers.signals.push(this.#envelope("Q_INVESTIGATION_COMPLETE", key, first));
    this.currentSince = null;
  }

  hear(journal: "asks" | "answers", count: number): void {
    const from = journal === "asks" ? this.#asks : this.#answers;
    for (let n = 0; this.isUp && n < count && from.heard < from.signals.length; n++) {
      const signal = from.signals[from.heard++]!;
      this.#commit((tx) => {
        this.#hearing.onSignal(signal, tx as never);
      });
    }
    const isCurrent = [this.#asks, this.#answers].every(({ heard, signals }) => heard === signals.length);
    if (this.isUp && isCurrent) this.currentSince ??= this.now;
  }

  pass(ms: number): void {
    this.now += ms;
  }

  /** Somebody sets the wall clock; a running watchdog notices at its next check. */
  setClock(ms: number): void {
    this.#wallOffset += ms;
    if (this.isUp && this.#timeline.wasSet())
      this.#commit((tx) => {
        keepAnchor(tx, this.#timeline.anchor());
      });
  }

  kill(): void {
    this.isUp = false;
    this.currentSince = null;
  }

  start(): void {
    if (this.isUp) return;
    this.isUp = true;
    this.#processStart = this.now;
    const state = this.#state(new Map());
    const clock = { wall: () => this.now + this.#wallOffset, elapsed: () => this.now - this.#processStart };
    this.#timeline = new Timeline(clock, keptAnchor(state));
    this.#ledger = new Ledger();
    this.#ledger.load(storedMatters(state));
    const shared = { expectations, ledger: this.#ledger, timeline: this.#timeline, log: silent };
    this.#hearing = new Hearing({ ...shared, maxWaits: 1_000, onChange: () => undefined });
    const node = {
      contracts,
      transact: async <T>(body: (tx: Tx) => T) => this.#commit(body),
      unfinished: () => this.#unfinished(),
    };
    this.#firing = new Firing({ ...shared, node });
  }

  /** The timer rings. */
  async ring(): Promise<void> {
    if (!this.isUp) return;
    const due = this.#ledger.due.takeDue(this.#timeline.now(), 100);
    for (const left of await this.#firing.fire(due)) this.#ledger.due.add(left);
  }

  async sweep(): Promise<void> {
    await sweep({ transact: async (body) => this.#commit(body) }, this.#ledger, this.#timeline.now(), silent);
  }

  get remembered(): number {
    return this.#ledger.remembered.size;
  }

  async *#unfinished(): AsyncGenerator<Unfinished> {
    await Promise.resolve();
    for (const envelope of this.#answers.signals.slice(this.#answers.heard))
      yield { kind: "signal", envelope };
  }

  #state(writes: Map<string, string | undefined>) {
    const get = (key: string) => {
      const json = writes.has(key) ? writes.get(key) : this.#disk.get(key);
      return json === undefined ? undefined : (JSON.parse(json) as never);
    };
    return {
      get,
      list: (prefix: string) =>
        [...this.#disk.keys()]
          .filter((key) => key.startsWith(prefix))
          .map((key) => ({ key, value: get(key) as never })),
      put: (key: string, value: unknown) => void writes.set(key, JSON.stringify(value)),
      delete: (key: string) => void writes.set(key, undefined),
    };
  }

  #commit<T>(body: (tx: Tx) => T): T {
    const writes = new Map<string, string | undefined>();
    const effects: (() => void)[] = [];
    const told: Told[] = [];
    const result = body({
      state: this.#state(writes),
      emit: (_signal: string, facts: { trigger_id: string; question_id: string }) => {
        const { trigger_id: trigger, question_id: key } = facts;
        const open = this.open.get(key)?.has(trigger) === true;
        told.push({ trigger, key, id: `timeout-${++this.#count}`, at: this.now, open });
        return told.at(-1)!.id;
      },
      afterCommit: (effect: () => void) => void effects.push(effect),
      deadLetter: () => {
        throw new Error("a timeout was refused");
      },
    } as never);
    for (const [key, json] of writes)
      if (json === undefined) this.#disk.delete(key);
      else this.#disk.set(key, json);
    this.told.push(...told);
    for (const effect of effects) effect();
    return result;
  }

  get keptKeys(): readonly string[] {
    return [...this.#disk.keys()];
  }

  #envelope(signal: `Q_${string}`, key: string, causation_id: string | null): Envelope {
    const id = `${signal}-${++this.#count}`;
    const timestamp = new Date(this.now + this.#wallOffset).toISOString();
    return { signal, id, timestamp, causation_id, correlation_id: key, facts: { question_id: key } } as never;
  }
}
