/** The settings of this daemon; from this table come their names in mesh.yaml, environment and flags, and the README's table. */
import { defineSettings } from "@kloros/daemon";
import { checkSettings } from "./health/check-settings.ts";

export const settings = defineSettings({
  scan_interval: {
    type: "duration",
    default: "60s",
    min: "100ms",
    max: "1d",
    description: "Time between looks at `capabilities.yaml` that nothing has asked for.",
  },
  debounce: {
    type: "duration",
    default: "100ms",
    min: "0ms",
    max: "10s",
    description:
      "Wait between a change of `capabilities.yaml` and the look at it, so that one look serves several changes.",
  },
  settle: {
    type: "duration",
    default: "200ms",
    min: "0ms",
    max: "1m",
    description: "How long an entry added by hand must have stood in the file before it is announced.",
  },
  integrated_grace: {
    type: "duration",
    default: "10m",
    min: "0ms",
    max: "1d",
    description:
      "How long an entry with an `investigation_id` waits for its `Q_MODULE_INTEGRATED` before it is announced without it.",
  },
  forget_after: {
    type: "duration",
    default: "5s",
    min: "0ms",
    max: "1h",
    description:
      "How long an entry must be gone before it is forgotten, so that adding it again announces it again.",
  },
  max_modules: {
    type: "integer",
    default: 20_000,
    min: 1,
    max: 1_000_000,
    unit: "modules",
    description: "Modules remembered; further ones in the registry are not watched, which is logged.",
  },
  promotions_reminder: {
    type: "duration",
    default: "60s",
    min: "100ms",
    max: "1d",
    description:
      "Time between two advisories while promotions remain unacknowledged, and between two scans of their folder that nothing has asked for.",
  },
  promotions_debounce: {
    type: "duration",
    default: "5ms",
    min: "0ms",
    max: "10s",
    description:
      "Wait between a change of the promotions and the look at it, so that one look serves several changes.",
  },
  promotions_settle: {
    type: "duration",
    default: "2s",
    min: "0ms",
    max: "1m",
    description:
      "How long a promotion that is not JSON must have stood unchanged before it is refused instead of waited for.",
  },
  max_promotions: {
    type: "integer",
    default: 20_000,
    min: 1,
    max: 100_000,
    unit: "promotions",
    description: "Promotion files looked into; further ones are counted only, which is logged.",
  },
  deadlines: {
    type: "list",
    default: [],
    description:
      "Deadlines of this home in place of the contracts' `within_seconds`, each as `SIGNAL=time span`: `Q_DREAM_TRIGGER=45m`.",
  },
  max_waits: {
    type: "integer",
    default: 20_000,
    min: 1,
    max: 1_000_000,
    unit: "waits",
    description:
      "Signals whose completion is awaited at one time; further ones are not watched, which is logged and raises an alert.",
  },
  health_interval: {
    type: "duration",
    default: "15s",
    min: "100ms",
    max: "10m",
    description: "Time between two looks at the health of the mesh.",
  },
  health_sustain: {
    type: "duration",
    default: "30s",
    min: "0ms",
    max: "1h",
    description:
      "How long a measured value must stay beyond a threshold before the check's level changes; spans and counts over a window change it at once.",
  },
  dead_letter_window: {
    type: "duration",
    default: "1d",
    min: "1m",
    max: "30d",
    description: "Age up to which dead letters count for `check_dead_letters`.",
  },
  clock_jump: {
    type: "duration",
    default: "5s",
    min: "100ms",
    max: "1d",
    description:
      "A wall clock that has moved so far against the time since boot was set, which is told once.",
  },
  max_restarts_per_hour: {
    type: "integer",
    default: 2,
    min: 0,
    max: 1_000,
    unit: "restarts",
    description:
      "Restarts of one daemon that are carried out within an hour, whoever asks by signal; further ones are refused.",
  },
  restart_patience: {
    type: "duration",
    default: "10s",
    min: "100ms",
    max: "10m",
    description:
      "How long a daemon that is to be restarted and does not answer may go on without ending before its process is killed.",
  },
  ...checkSettings,
});

/** Values of the settings; time spans in milliseconds. */
export type Config = ReturnType<typeof settings.defaults>;
