/** Settings of `kloros up`: option > KLOROS_SUPERVISOR_… > the section `supervisor` of mesh.yaml > default. */
import { ConfigError, defineSettings, loadConfig } from "@kloros/daemon";
import type { SupervisorLimits } from "../supervisor/limits.ts";
import { DEFAULT_LIMITS } from "../supervisor/limits.ts";

export const supervisorSettings = defineSettings({
  heartbeat: {
    type: "duration",
    default: DEFAULT_LIMITS.heartbeatMs,
    min: "2s",
    max: "1h",
    description: "Longest time a ready daemon may prove no progress before it is ended and started again.",
  },
  start_grace: {
    type: "duration",
    default: DEFAULT_LIMITS.startGraceMs,
    min: "1s",
    max: "1h",
    description: "Longest silence of a daemon that is starting.",
  },
  start_limit: {
    type: "integer",
    default: DEFAULT_LIMITS.startLimit,
    unit: "starts",
    min: 1,
    max: 1_000,
    description:
      "Quick starts within `start_window`, none of which lasted `min_uptime`, after which a daemon has failed.",
  },
  start_window: {
    type: "duration",
    default: DEFAULT_LIMITS.startWindowMs,
    min: "1s",
    max: "1d",
    description: "Time in which quick starts are counted.",
  },
  min_uptime: {
    type: "duration",
    default: DEFAULT_LIMITS.minUptimeMs,
    min: "0ms",
    max: "1d",
    description: "Ready time after which earlier crashes are forgotten.",
  },
  backoff_base: {
    type: "duration",
    default: DEFAULT_LIMITS.backoffBaseMs,
    min: "1ms",
    max: "1h",
    description:
      "Delay of the first restart; it doubles with each further one, jittered between half and whole.",
  },
  backoff_cap: {
    type: "duration",
    default: DEFAULT_LIMITS.backoffCapMs,
    min: "1ms",
    max: "1d",
    description: "Longest delay of a restart.",
  },
});

/** What a stop may take beyond the daemons' own drain deadline before it is ended by force, in milliseconds. */
const DRAIN_MARGIN_MS = 10_000;

export interface UpConfig {
  /** Absolute. */
  readonly home: string;
  /** Absolute; need not exist. */
  readonly workspace: string;
  readonly contractDirs: readonly string[];
  readonly limits: SupervisorLimits;
}

/** @throws {ConfigError} with all problems at once */
export async function loadUpConfig(flags: { home?: string; workspace?: string }): Promise<UpConfig> {
  const argv = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  const places = { argv, environment: process.env, cwd: process.cwd() };
  const result = await loadConfig("supervisor", supervisorSettings, places);
  if (result.kind !== "loaded") throw new ConfigError(result.kind === "invalid" ? result.problems : []);
  const { config, common } = result.loaded;
  return {
    home: common.home,
    workspace: common.workspace,
    contractDirs: common.contract_dirs,
    limits: {
      ...DEFAULT_LIMITS,
      heartbeatMs: config.heartbeat,
      startGraceMs: config.start_grace,
      startLimit: config.start_limit,
      startWindowMs: config.start_window,
      minUptimeMs: config.min_uptime,
      backoffBaseMs: config.backoff_base,
      backoffCapMs: config.backoff_cap,
      drainMs: common.drain_deadline + DRAIN_MARGIN_MS,
    },
  };
}
