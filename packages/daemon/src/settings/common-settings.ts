/** Settings that every daemon has, whatever it does. */
import { DEFAULT_LIMITS, type BusLimits } from "@kloros/bus";
import { LIMIT_DESCRIPTIONS } from "./limit-descriptions.ts";
import { defineSettings, type Settings, type Setting } from "./setting.ts";

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const TRANSPORTS = ["ipc", "tcp"] as const;

export const commonSettings = defineSettings({
  home: { type: "string", default: "~/.kloros", description: "Folder with all state of the mesh." },
  workspace: {
    type: "string",
    default: ".",
    description: "Source tree that investigations look at and integrations write to.",
  },
  log_level: {
    type: "enum",
    values: LOG_LEVELS,
    default: "info",
    description: "Least important log line that is written.",
  },
  transport: {
    type: "enum",
    values: TRANSPORTS,
    default: "ipc",
    description:
      "How daemons reach each other: `ipc`, sockets in the home; `tcp`, the ports of the roster, which needs keys (`chem-bus keys init`).",
  },
  tcp_host: {
    type: "string",
    default: "127.0.0.1",
    description:
      "With `transport: tcp`: address or host name that the ports are bound on. One that other machines can reach needs `curve: true`.",
  },
  tcp_port_offset: {
    type: "integer",
    default: 0,
    min: -65_535,
    max: 65_535,
    description:
      "With `transport: tcp`: added to every port of the roster, so that a second mesh finds room on the same machine.",
  },
  curve: {
    type: "boolean",
    default: true,
    description:
      "With `transport: tcp`: connections are encrypted, and only keys in the allow-list come in. `false` only on a loopback address.",
  },
  contract_dirs: {
    type: "list",
    default: [],
    description: "Folders with contracts of your own signals, besides the shipped ones.",
  },
  tuned_limits: {
    type: "string",
    default: "deployed/tune_bus/current/params.json",
    description:
      "File with limits of the bus that were tuned for this machine, relative to the home; what `limits` sets stands above it. `none`: no such file is used.",
  },
  drain_deadline: {
    type: "duration",
    default: "10s",
    min: "0ms",
    max: "10m",
    description:
      "Longest wait for running handlers after SIGTERM; what is not finished then is handled again after the restart.",
  },
});

export type CommonConfig = ReturnType<(typeof commonSettings)["defaults"]>;

/** The home cannot be set in a file that lies in the home; the shipped flags and variables can. */
export const KEYS_NOT_IN_MESH_FILE: readonly string[] = ["home"];

/** `limits` of mesh.yaml: the bus's own limits under snake_case names, none of them below 1. */
export const limitSettings: Settings<Record<string, number>> = {
  table: Object.fromEntries(limits().map(([name, value]) => [snakeCase(name), limitSetting(name, value)])),
  defaults: () => Object.fromEntries(limits().map(([name, value]) => [snakeCase(name), value])),
};

/** Back to the names of the bus; limits that nobody set keep its defaults. */
export function toBusLimits(values: Readonly<Record<string, unknown>>): BusLimits {
  return Object.fromEntries(
    limits().map(([name]) => [name, values[snakeCase(name)]]),
  ) as unknown as BusLimits;
}

function limits(): [keyof BusLimits, number][] {
  return Object.entries(DEFAULT_LIMITS) as [keyof BusLimits, number][];
}

function limitSetting(name: keyof BusLimits, value: number): Setting {
  const description = LIMIT_DESCRIPTIONS[name];
  if (name.endsWith("Ms")) return { type: "duration", default: value, min: 1, description };
  if (name.endsWith("Bytes")) return { type: "bytes", default: value, min: 1, description };
  return { type: "integer", default: value, min: 1, description };
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
