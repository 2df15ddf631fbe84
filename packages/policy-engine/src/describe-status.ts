/** The answer to `policy:status`: the rules with what they said last, and what waits for which gate. */
import type { StateReader, TxState } from "@kloros/bus";
import { Recorder } from "./decisions/recorder.ts";
import { Deferrals } from "./memory/deferrals.ts";
import type { MemoryLimits } from "./memory/engine-memory.ts";
import type { RulesKeeper } from "./rules-keeper.ts";

export function describeStatus(
  state: StateReader,
  keeper: RulesKeeper,
  around: { readonly isMaintenance: boolean; readonly presence: string },
  limits: MemoryLimits,
): Record<string, unknown> {
  const reading = readOnly(state);
  const last = new Recorder({ state: reading }, () => "").last();
  const deferred = new Deferrals(reading, limits.deferrals).all();
  return {
    policies: keeper.describe(),
    maintenance: around.isMaintenance,
    presence: around.presence,
    rules: keeper.rules.policies.rules.map(({ name, on, emit, line }) => {
      const said = last
        .filter(({ rule }) => rule === name)
        .map((one) => one.said)
        .reduce<(typeof last)[number]["said"] | null>(
          (latest, next) => (latest === null || next.last_at >= latest.last_at ? next : latest),
          null,
        );
      return {
        name,
        line,
        on,
        emits: emit.signal,
        last: said && {
          outcome: said.outcome,
          at: said.last_at,
          reason: said.reason,
          decision: said.decision,
        },
        deferred: deferred.filter(({ rule }) => rule === name).length,
      };
    }),
    deferred: deferred.map(({ rule, key, gate, reason, since, signal_id, emits }) => ({
      rule,
      key,
      emits,
      gate,
      reason,
      since,
      signal_id,
    })),
  };
}

function readOnly(state: StateReader): TxState {
  const refuse = (): never => {
    throw new TypeError("the status only reads");
  };
  return {
    get: (key) => state.get(key),
    list: (prefix, limit) => state.list(prefix, limit),
    put: refuse,
    delete: refuse,
  };
}
