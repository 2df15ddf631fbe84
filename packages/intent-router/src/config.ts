/** The settings of this daemon; from this table come their names in mesh.yaml, environment and flags, and the README's table. */
import { defineSettings } from "@kloros/daemon";

export const settings = defineSettings({
  max_intent_bytes: {
    type: "bytes",
    default: "1MiB",
    min: 1,
    max: "16MiB",
    description: "Largest intent file; larger ones are rejected unread.",
  },
  settle: {
    type: "duration",
    default: "2s",
    min: "10ms",
    max: "10m",
    description: "How long a file that cannot be parsed or read must be unchanged until it is rejected.",
  },
  rescan_interval: {
    type: "duration",
    default: "5s",
    min: "100ms",
    max: "1h",
    description: "Time between two scans of the folder, which find what no watch told.",
  },
  duplicate_window: {
    type: "duration",
    default: "1h",
    min: "1s",
    max: "30d",
    description: "How long a content, or an intent's own id, counts as routed already.",
  },
  remembered_contents: {
    type: "integer",
    default: 200_000,
    min: 1_000,
    max: 5_000_000,
    unit: "intents",
    description: "Most routed contents remembered; beyond it the oldest are forgotten before their time.",
  },
  rejected_max_files: {
    type: "integer",
    default: 10_000,
    min: 0,
    unit: "files",
    description: "Most files kept in `intents/rejected/`; beyond it the oldest go, with their reports.",
  },
  rejected_max_age: {
    type: "duration",
    default: "30d",
    description: "How long a file is kept in `intents/rejected/`.",
  },
  duplicate_max_files: {
    type: "integer",
    default: 1_000,
    min: 0,
    unit: "files",
    description: "Most files kept in `intents/duplicate/`; beyond it the oldest go.",
  },
  duplicate_max_age: {
    type: "duration",
    default: "7d",
    description: "How long a file is kept in `intents/duplicate/`.",
  },
});

/** Values of the settings; time spans in milliseconds. */
export type Config = ReturnType<typeof settings.defaults>;
