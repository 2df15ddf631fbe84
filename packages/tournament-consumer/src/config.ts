/** The settings of this daemon; from this table come their names in mesh.yaml, environment and flags, and the README's table. */
import { defineSettings } from "@kloros/daemon";

export const settings = defineSettings({
  max_concurrency: {
    type: "integer",
    default: 4,
    min: 1,
    max: 256,
    unit: "candidates",
    description:
      "Candidates evaluated at once, of all tournaments together; a tournament asks for its own number below it.",
  },
  max_waiting: {
    type: "integer",
    default: 100,
    min: 1,
    max: 10_000,
    unit: "tournaments",
    description: "Tournaments that wait or run; a further one is refused with `QueueFull`.",
  },
  min_free: {
    type: "bytes",
    default: "16MiB",
    min: "0B",
    description:
      "Free space of the home's disk below which no candidate is started and no failure is believed; it waits instead.",
  },
  keep_work: {
    type: "boolean",
    default: false,
    description: "Whether working folders of candidates are kept, to look into.",
  },
  remembered_outcomes: {
    type: "integer",
    default: 1_000,
    min: 10,
    max: 100_000,
    unit: "tournaments",
    description:
      "Outcomes remembered, so that a tournament that is asked for again is answered, not repeated.",
  },
});

/** Values of the settings; sizes in bytes. */
export type Config = ReturnType<typeof settings.defaults>;
