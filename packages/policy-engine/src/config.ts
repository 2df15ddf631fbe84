/** The settings of this daemon; from this table come their names in mesh.yaml, environment and flags, and the README's table. */
import { defineSettings } from "@kloros/daemon";

export const settings = defineSettings({
  reevaluate_interval: {
    type: "duration",
    default: "5s",
    min: "100ms",
    max: "1h",
    description:
      "Time between looks at deferred decisions whose gate tells nobody that it has opened (disk, memory, load, presence).",
  },
  rule_deadline: {
    type: "duration",
    default: "250ms",
    min: "10ms",
    max: "10s",
    description: "Longest time that one expression of a rule may run before it is stopped.",
  },
  reload_debounce: {
    type: "duration",
    default: "100ms",
    min: "0ms",
    max: "10s",
    description: "Wait between a change of `policies.yaml` or `maintenance_mode` and the look at it.",
  },
  max_deferred: {
    type: "integer",
    default: 500,
    min: 1,
    max: 10_000,
    unit: "decisions",
    description: "Decisions that wait for a gate; the signal of a further one becomes a dead letter.",
  },
  remembered_tokens: {
    type: "integer",
    default: 100_000,
    min: 100,
    max: 10_000_000,
    unit: "tokens",
    description: "Tokens of `once` remembered, over all rules; the oldest are forgotten.",
  },
  history_per_signal: {
    type: "integer",
    default: 200,
    min: 10,
    max: 10_000,
    unit: "signals",
    description: "Signals of each name that `recent`, `count`, `last_outcome` and breakers can look back on.",
  },
  tell_repetitions: {
    type: "duration",
    default: "1h",
    min: "1s",
    max: "1d",
    description: "Longest time for which repeated decisions are only counted before a line tells of them.",
  },
  decision_log_bytes: {
    type: "bytes",
    default: "16MiB",
    min: "64KiB",
    max: "1GiB",
    description: "Size at which `policy_decisions.jsonl` is renamed and begun anew.",
  },
  decision_log_files: {
    type: "integer",
    default: 4,
    min: 0,
    max: 1_000,
    unit: "files",
    description: "Renamed decision logs that are kept.",
  },
});

/** Values of the settings; time spans in milliseconds. */
export type Config = ReturnType<typeof settings.defaults>;
