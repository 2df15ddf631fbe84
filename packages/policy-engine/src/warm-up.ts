/**
 * Decides on the contracts' own examples, over a memory that is thrown away, so that the first real decision after a start does not
 * pay for what Node compiles on first use. Nothing of it is kept, emitted or told.
 */
import type { Envelope, Tx, TxState } from "@kloros/bus";
import { Engine } from "./engine.ts";
import type { EngineSetting } from "./session.ts";

const ROUNDS = 5;

export function warmUp(setting: EngineSetting): void {
  const engine = new Engine({ ...setting, onRecorded: () => undefined });
  const names = new Set(setting.rules().policies.rules.map(({ on }) => on));
  for (let round = 0; round < ROUNDS; round++) {
    const tx = throwawayTx(setting.newId);
    for (const name of names) {
      const examples = setting.contracts.get(name)?.schema["examples"];
      const [facts] = Array.isArray(examples) ? (examples as Envelope["facts"][]) : [];
      if (facts !== undefined) engine.onSignal(exampleOf(name, facts, setting.newId()), tx);
    }
    engine.reconsider(tx);
  }
}

function exampleOf(name: string, facts: Envelope["facts"], id: string): Envelope {
  return {
    signal: name as Envelope["signal"],
    id,
    timestamp: "2025-11-15T10:30:00.000Z",
    source: "example",
    facts,
    version: 1,
    priority: "normal",
    correlation_id: id,
    causation_id: null,
    traceparent: "",
    epoch: "",
    seq: 0,
    prev: 0,
  };
}

function throwawayTx(newId: () => string): Tx {
  const entries = new Map<string, string>();
  const state: TxState = {
    get: <T>(key: string) => {
      const json = entries.get(key);
      return json === undefined ? undefined : (JSON.parse(json) as T);
    },
    list: <T>(prefix: string, limit = 1_000) =>
      [...entries]
        .filter(([key]) => key.startsWith(prefix))
        .slice(0, limit)
        .map(([key, json]) => ({ key, value: JSON.parse(json) as T })),
    put: (key, value) => void entries.set(key, JSON.stringify(value)),
    delete: (key) => void entries.delete(key),
  };
  return { state, emit: newId, deadLetter: () => undefined, afterCommit: () => undefined };
}
