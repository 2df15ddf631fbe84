/** The engine over state in memory, with time, gates and signals in the test's hand. Transactions that fail leave nothing. */
import type { Envelope, Tx, TxState } from "@kloros/bus";
import { evaluationDeadline } from "../src/cel/deadline.ts";
import type { Decision } from "../src/decisions/decision.ts";
import { Engine } from "../src/engine.ts";
import type { Resources } from "../src/gates/gate.ts";
import { readPolicyText, type RulesInForce } from "../src/rules/policy-file.ts";
import { contracts } from "./engine-home.ts";

export interface Emitted {
  readonly id: string;
  readonly signal: string;
  readonly facts: Record<string, unknown>;
  readonly correlation_id: string | undefined;
  readonly causation_id: string | null | undefined;
}

export const PLENTY: Resources = {
  disk_free_bytes: 1e12,
  disk_free_percent: 90,
  disk_total_bytes: 1.1e12,
  memory_free_bytes: 8e9,
  memory_total_bytes: 16e9,
  load1: 0.1,
  cpus: 2,
};

export function rulesOf(yaml: string): RulesInForce {
  const reading = readPolicyText(yaml, "policies.yaml", contracts);
  if (reading.kind === "invalid") throw new Error(JSON.stringify(reading.problems, null, 2));
  return reading.rules;
}

export class MemoryEngine {
  readonly emitted: Emitted[] = [];
  readonly deadLetters = new Map<string, unknown>();
  isMaintenance = false;
  resources = PLENTY;
  rules: RulesInForce;
  ms = 0;
  wallMs = Date.parse("2025-11-15T10:30:00.000Z");
  #state = new Map<string, string>();
  #next = 0;

  constructor(rules: RulesInForce) {
    this.rules = rules;
  }

  named(signal: string): Emitted[] {
    return this.emitted.filter((one) => one.signal === signal);
  }

  get decisions(): Decision[] {
    return [...this.#state]
      .filter(([key]) => key.startsWith("outbox:"))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, json]) => JSON.parse(json) as Decision);
  }

  pass(ms: number): void {
    this.ms += ms;
    this.wallMs += ms;
  }

  id(): string {
    return `0199d2a4-7a00-7000-8000-${(++this.#next).toString(16).padStart(12, "0")}`;
  }

  signal(name: string, facts: object, cause?: { id: string; correlation_id?: string | undefined }): Envelope {
    const id = this.id();
    return {
      signal: name as Envelope["signal"],
      id,
      timestamp: new Date(this.wallMs).toISOString(),
      source: "orchestrator_monitor",
      facts: facts as Envelope["facts"],
      version: 1,
      priority: "normal",
      correlation_id: cause?.correlation_id ?? id,
      causation_id: cause?.id ?? null,
      traceparent: "",
      epoch: "e",
      seq: this.#next,
      prev: 0,
    };
  }

  /** Handles a signal; `dies`: before the transaction is durable. */
  handle(signal: Envelope, dies = false): void {
    this.#transact((engine, tx) => engine.onSignal(signal, tx), dies);
  }

  reconsider(dies = false): number | null {
    return this.#transact((engine, tx) => engine.reconsider(tx), dies);
  }

  #transact<T>(work: (engine: Engine, tx: Tx) => T, dies: boolean): T {
    const engine = new Engine({
      contracts,
      limits: { tokens: 10_000, history: 200, deferrals: 100 },
      lookAgainMs: 5_000,
      deadline: evaluationDeadline(250),
      rules: () => this.rules,
      clock: () => ({ ms: this.ms, wall_ms: this.wallMs, boot_id: "b", uptime_ms: this.ms }),
      resources: () => this.resources,
      presence: () => "unknown",
      isMaintenance: () => this.isMaintenance,
      newId: () => this.id(),
      onRecorded: () => undefined,
    });
    const draft = new Map(this.#state);
    const emitted: Emitted[] = [];
    const letters = new Map<string, unknown>();
    const state: TxState = {
      get: <V>(key: string) => (draft.has(key) ? (JSON.parse(draft.get(key)!) as V) : undefined),
      list: <V>(prefix: string, limit = 1_000) =>
        [...draft]
          .filter(([key]) => key.startsWith(prefix))
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .slice(0, limit)
          .map(([key, json]) => ({ key, value: JSON.parse(json) as V })),
      put: (key, value) => void draft.set(key, JSON.stringify(value)),
      delete: (key) => void draft.delete(key),
    };
    const tx: Tx = {
      state,
      emit: (signal, facts, options) => {
        const problems = contracts.problemsOut(signal, facts);
        if (problems.length > 0) throw new Error(`${signal}: ${JSON.stringify(problems)}`);
        const id = this.id();
        const { correlation_id, causation_id } = options ?? {};
        emitted.push({ id, signal, facts: facts as Record<string, unknown>, correlation_id, causation_id });
        return id;
      },
      deadLetter: ({ key, error }) => void letters.set(key, error),
      afterCommit: () => undefined,
    };
    const result = work(engine, tx);
    if (dies) return result;
    this.#state = draft;
    this.emitted.push(...emitted);
    for (const [key, error] of letters) this.deadLetters.set(key, error);
    return result;
  }
}
