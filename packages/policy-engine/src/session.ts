/** One transaction of the engine: what it remembers, the world at this moment, and the means to act. */
import type { Contracts, EmitOptions, Facts, SignalName, Tx } from "@kloros/bus";
import type { Deadline } from "./cel/deadline.ts";
import { Recorder } from "./decisions/recorder.ts";
import type { Presence, Resources, World } from "./gates/gate.ts";
import { EngineMemory, type MemoryLimits } from "./memory/engine-memory.ts";
import type { Surroundings } from "./rules/evaluate.ts";
import { ENGINE } from "./rules/knowledge.ts";
import type { RulesInForce } from "./rules/policy-file.ts";
import type { ClockReading } from "./surroundings/engine-clock.ts";

/** What the engine is set up with; everything that changes is asked for anew in each transaction. */
export interface EngineSetting {
  readonly contracts: Contracts;
  readonly limits: MemoryLimits;
  /** Wait for gates that nobody tells about, in milliseconds. */
  readonly lookAgainMs: number;
  readonly deadline: Deadline;
  readonly rules: () => RulesInForce;
  readonly clock: () => ClockReading;
  readonly resources: () => Resources;
  readonly presence: () => Presence;
  readonly isMaintenance: () => boolean;
  /** New UUIDv7. */
  readonly newId: () => string;
  /** Decisions of a transaction that has become durable. */
  readonly onRecorded: (keys: readonly string[]) => void;
}

export const CLOCK_KEY = "clock";

export interface Session {
  readonly tx: Tx;
  readonly memory: EngineMemory;
  readonly surroundings: Surroundings;
  readonly recorder: Recorder;
  readonly rules: RulesInForce;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly lookAgainMs: number;
  readonly newId: () => string;
  /** Emits, and begins a flight where an end is expected. Returns the signal's id. */
  emit(signal: string, facts: Readonly<Record<string, unknown>>, options: EmitOptions): string;
  wallIn(ms: number): string;
  /** Times of this transaction are remembered: the clock must go on from here after a restart. */
  saveClock(): void;
  close(): void;
}

export function openSession(setting: EngineSetting, tx: Tx): Session {
  const { contracts, deadline } = setting;
  const reading = setting.clock();
  const rules = setting.rules();
  const now = new Date(reading.wall_ms);
  const memory = new EngineMemory(tx.state, contracts, reading.ms, setting.limits);
  const recorder = new Recorder(tx, setting.newId);
  const consumed = new Set(contracts.consumedBy(ENGINE));
  const world: World = {
    now,
    clockMs: reading.ms,
    resources: setting.resources(),
    presence: setting.presence(),
    isMaintenance: setting.isMaintenance(),
    quietHours: rules.policies.quietHours,
  };
  return {
    tx,
    memory,
    surroundings: { world, memory, contracts, lookups: memory, deadline },
    recorder,
    rules,
    at: now.toISOString(),
    lookAgainMs: setting.lookAgainMs,
    newId: setting.newId,
    emit: (signal, facts, options) => {
      const name = signal as SignalName;
      const id = tx.emit(name, facts, options);
      const correlation_id = options.correlation_id ?? id;
      const emitted = {
        signal: name,
        id,
        correlation_id,
        timestamp: now.toISOString(),
        facts: facts as Facts<SignalName>,
      };
      memory.flightBook.begin(emitted, reading.ms);
      if (!consumed.has(signal)) memory.remember(emitted); // Else it comes back as a signal.
      tx.state.put(CLOCK_KEY, reading);
      return id;
    },
    wallIn: (ms) => new Date(now.getTime() + Math.max(0, ms)).toISOString(),
    saveClock: () => tx.state.put(CLOCK_KEY, reading),
    close: () => {
      const { keys } = recorder;
      if (keys.length > 0) tx.afterCommit(() => setting.onRecorded(keys));
    },
  };
}
