/** The settings of this daemon; from this table come their names in mesh.yaml, environment and flags, and the README's table. */
import { defineSettings } from "@kloros/daemon";

export const settings = defineSettings({
  workers: {
    type: "integer",
    default: 1,
    min: 1,
    max: 16,
    unit: "processes",
    description: "Modules analysed at once, each in a process of its own.",
  },
  analysis_deadline: {
    type: "duration",
    default: "60s",
    min: "100ms",
    max: "2m",
    description: "Longest analysis of one module; beyond it the investigation has failed.",
  },
  worker_idle: {
    type: "duration",
    default: "10s",
    min: "100ms",
    max: "1h",
    description:
      "How long a process without work is kept; the next investigation starts a new one (about 200 ms).",
  },
  worker_memory: {
    type: "bytes",
    default: "512MiB",
    min: "64MiB",
    max: "4GiB",
    description: "Heap of one process; an analysis that needs more fails, the daemon goes on.",
  },
  max_file_bytes: {
    type: "bytes",
    default: "1MiB",
    min: "1KiB",
    max: "64MiB",
    description: "Longest source file that is parsed; longer ones are skipped and noted.",
  },
  max_module_files: {
    type: "integer",
    default: 2_000,
    min: 1,
    max: 100_000,
    unit: "files",
    description: "Source files read of one module; the rest is counted and noted.",
  },
  max_workspace_files: {
    type: "integer",
    default: 20_000,
    min: 1,
    max: 1_000_000,
    unit: "files",
    description: "Source files of the workspace in which names are looked up and importers are looked for.",
  },
  workspace_max_age: {
    type: "duration",
    default: "10s",
    min: "0ms",
    max: "10m",
    description: "How old the picture of the workspace may be that names and importers are looked up in.",
  },
  max_capabilities: {
    type: "integer",
    default: 200,
    min: 1,
    max: 10_000,
    unit: "names",
    description: "Capabilities listed of one module; all are counted.",
  },
  max_integration_points: {
    type: "integer",
    default: 50,
    min: 0,
    max: 10_000,
    unit: "files",
    description: "Importers listed of one module; all that were found are counted.",
  },
  max_record_bytes: {
    type: "bytes",
    default: "1MiB",
    min: "64KiB",
    max: "16MiB",
    description: "Longest record; a larger one is written with less detail, and says so.",
  },
  records_max_bytes: {
    type: "bytes",
    default: "256MiB",
    min: "4KiB",
    description: "Size at which `curiosity_investigations.jsonl` is rotated.",
  },
  records_kept: {
    type: "integer",
    default: 4,
    min: 1,
    max: 1_000,
    unit: "files",
    description: "Rotated files kept; the oldest beyond them is deleted.",
  },
});

/** Values of the settings; time spans in milliseconds, sizes in bytes. */
export type Config = ReturnType<typeof settings.defaults>;
