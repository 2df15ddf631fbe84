/**
 * The daemon kit: everything that is the same in every daemon of the mesh.
 *
 * @example a whole daemon, `src/main.ts`
 * import { defineSettings, runDaemon } from "@kloros/daemon";
 *
 * const settings = defineSettings({
 *   greeting: { type: "string", default: "Hello", description: "First word of each greeting." },
 * });
 *
 * await runDaemon("greeter", ({ node, config, log }) => {
 *   node.on("Q_VISITOR_ARRIVED", (signal) => {
 *     log.info({ visitor: signal.facts }, config.greeting);
 *   });
 *   return { statusLine: () => "waiting for visitors" };
 * }, { settings });
 */
export { runDaemon } from "./lifecycle/run-daemon.ts";
export type { DaemonContext, DaemonOptions, DaemonParts, DaemonSetup, Logger } from "./definition.ts";
export { EXIT } from "./lifecycle/exit-codes.ts";
export { MESSAGE_IDS } from "./log/message-ids.ts";
export type { EventClass } from "./log/message-ids.ts";
export { HomePathTooLongError, NoSpaceToStartError, TwinRunningError } from "./lifecycle/errors.ts";
export { HomeLostError } from "./lifecycle/guard-home.ts";

export { defineSettings } from "./settings/setting.ts";
export type { Setting, Settings, SettingsTable, SettingValue, ValueOf } from "./settings/setting.ts";
export { commonSettings, limitSettings } from "./settings/common-settings.ts";
export { loadConfig } from "./settings/load-config.ts";
export type { ConfigPlaces, ConfigResult, LoadedConfig } from "./settings/load-config.ts";
export { readMeshFile } from "./settings/mesh-file.ts";
export type { MeshEntries, MeshEntry, MeshFile } from "./settings/mesh-file.ts";
export { settingsTable } from "./settings/settings-table.ts";
export { ConfigError } from "./settings/problem.ts";
export type { ConfigProblem } from "./settings/problem.ts";

export { ControlRequestError, DaemonNotReadyError } from "./control/errors.ts";

// For programs beside the daemons that answer on a control socket of their own, such as `kloros up`.
export { openControlServer } from "./control/control-server.ts";
export type { ControlServer } from "./control/control-server.ts";
export { answerer } from "./control/catalogue.ts";
export type { ControlEvents } from "./control/catalogue.ts";
export type { ControlConnection, ControlEvent, ControlStream } from "./control/event.ts";
export type { JsonType, ParameterSchema, ParametersSchema } from "./control/parameters.ts";
export { formatBytes, formatMilliseconds, toBytes, toMilliseconds } from "./settings/units.ts";
export { didYouMean } from "./settings/did-you-mean.ts";

// What daemons measure, for programs that gather it.
export { DAEMON_METRICS } from "./metrics/daemon-families.ts";
export type { DaemonMetric } from "./metrics/daemon-families.ts";
export { renderFamily } from "./metrics/family.ts";
export type { Labels, MetricFamily, Sample } from "./metrics/family.ts";
