/** The settings of this daemon; from this table come their names in mesh.yaml, environment and flags, and the README's table. */
import { defineSettings } from "@kloros/daemon";

export const settings = defineSettings({
  max_parallel: {
    type: "integer",
    default: 2,
    min: 1,
    max: 64,
    unit: "experiments",
    description:
      "Experiments deployed at once; the deployments of one experiment always follow one another, and measurements never overlap.",
  },
  max_queued: {
    type: "integer",
    default: 200,
    min: 1,
    max: 5_000,
    unit: "deployments",
    description: "Deployments that may wait or run; what is asked beyond is refused with `QueueFull`.",
  },
  remembered: {
    type: "integer",
    default: 1_000,
    min: 10,
    max: 10_000,
    unit: "deployments",
    description: "Ended deployments remembered, so that one that is asked for again is not done again.",
  },
  max_artifact_bytes: {
    type: "bytes",
    default: "64MiB",
    min: 1,
    max: "4GiB",
    description: "Largest artifact that is deployed.",
  },
  lock_deadline: {
    type: "duration",
    default: "1m",
    min: "10ms",
    max: "1h",
    description:
      "Longest wait for another process that holds an experiment's lock, before a new deployment is given up.",
  },
  disk_wait: {
    type: "duration",
    default: "10m",
    min: "10ms",
    max: "1d",
    description:
      "How long a full disk is waited for, per step, before the deployment is given up and undone.",
  },
  retry_delay: {
    type: "duration",
    default: "1s",
    min: "1ms",
    max: "1m",
    description:
      "First pause before a step is tried again that a full disk has stopped; it doubles up to 30 s.",
  },
});

/** Values of the settings; time spans in milliseconds. */
export type Config = ReturnType<typeof settings.defaults>;
