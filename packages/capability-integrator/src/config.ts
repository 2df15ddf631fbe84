/** The settings of this daemon; from this table come their names in mesh.yaml, environment and flags, and the README's table. */
import { defineSettings } from "@kloros/daemon";

export const settings = defineSettings({
  create_init: {
    type: "boolean",
    default: true,
    description: "Whether a Python package without `__init__.py` gets one.",
  },
  concurrency: {
    type: "integer",
    default: 16,
    min: 1,
    max: 256,
    unit: "completions",
    description: "Completions handled at once; those that arrive together share one write of the registry.",
  },
  max_attempts: {
    type: "integer",
    default: 4,
    min: 1,
    max: 20,
    unit: "attempts",
    description:
      "Tries per completion while the obstacle may pass (record not written yet, registry locked, disk full).",
  },
  retry_delay: {
    type: "duration",
    default: "250ms",
    min: "1ms",
    max: "1m",
    description: "Wait before the second try; it doubles from try to try.",
  },
  lock_deadline: {
    type: "duration",
    default: "5s",
    min: "10ms",
    max: "1m",
    description: "Longest wait for another process that holds the registry's lock.",
  },
  settle: {
    type: "duration",
    default: "100ms",
    min: "0ms",
    max: "10s",
    description: "How long a registry that somebody edits must lie still before it is read.",
  },
  settle_limit: {
    type: "duration",
    default: "2s",
    min: "0ms",
    max: "30s",
    description:
      "Longest wait for it to lie still, or to come back when an editor has emptied or removed it.",
  },
  remembered_outcomes: {
    type: "integer",
    default: 10_000,
    min: 100,
    max: 1_000_000,
    unit: "investigations",
    description:
      "Integrated investigations remembered, so that a second completion of the same one is not announced twice.",
  },
});

/** Values of the settings; time spans in milliseconds. */
export type Config = ReturnType<typeof settings.defaults>;
