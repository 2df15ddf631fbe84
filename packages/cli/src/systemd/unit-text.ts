/** The text of a daemon's unit. Pure; the same for shipped daemons and users' own. */
import type { DaemonInfo } from "@kloros/bus";
import { fileAccess } from "./file-access.ts";
import { HOME_UNIT } from "./home-unit.ts";
import { currentRelease, escapePath, type Places, SERVICE_USER, unitName } from "./places.ts";
import { networkLines, SANDBOX } from "./sandbox.ts";
import {
  ABORT_S,
  RESTART_S,
  START_LIMIT_BURST,
  START_LIMIT_INTERVAL_S,
  START_S,
  stopTimeoutS,
  WATCHDOG_S,
} from "./timeouts.ts";

/** Folders that `ProtectHome=yes` makes invisible. */
const PEOPLE = /^\/(?:home|root|run\/user)(?:\/|$)/;
/**
 * Exit codes after which a restart cannot help, because a person has to act: the home cannot be written (73), a twin
 * holds it (75; taking over at the moment it ends would surprise whoever runs it), the configuration is wrong (78).
 */
const NO_RESTART = "73 75 78";

/** Text of `kloros-<package>.service`. */
export function unitText(daemon: DaemonInfo, places: Places): string {
  return `${[
    "# Written by kloros install systemd; your own changes: systemctl edit " + unitName(daemon),
    "[Unit]",
    `Description=KLoROS ${daemon.name}: ${daemon.description.replace(/\.$/, "").replaceAll("%", "%%")}`,
    "PartOf=kloros.target",
    "# The folders and files that the sandbox opens must exist before it is built",
    `Wants=${HOME_UNIT}`,
    `After=${HOME_UNIT}`,
    `RequiresMountsFor=${mounts(places)}`,
    `StartLimitIntervalSec=${START_LIMIT_INTERVAL_S}`,
    `StartLimitBurst=${START_LIMIT_BURST}`,
    "",
    "[Service]",
    "Type=notify",
    "NotifyAccess=main",
    `ExecStart=${escapePath(places.node)} ${escapePath(programOf(daemon, places))}`,
    `Environment=${escapePath(`KLOROS_HOME=${places.home}`)}`,
    `Environment=${escapePath(`KLOROS_WORKSPACE=${places.workspace}`)}`,
    `WorkingDirectory=-${escapePath(places.home)}`,
    `SyslogIdentifier=${unitName(daemon).replace(".service", "")}`,
    "Slice=kloros.slice",
    "",
    ...lifeLines(places),
    "",
    `User=${SERVICE_USER}`,
    `Group=${SERVICE_USER}`,
    ...accessLines(daemon, places),
    ...networkLines(daemon.network ?? "none", places.network),
    ...SANDBOX,
    "",
    "[Install]",
    "WantedBy=kloros.target",
  ].join("\n")}\n`;
}

function lifeLines({ drainDeadlineMs }: Places): string[] {
  return [
    "Restart=always",
    `RestartSec=${RESTART_S}s`,
    `RestartPreventExitStatus=${NO_RESTART}`,
    `WatchdogSec=${WATCHDOG_S}s`,
    `TimeoutStartSec=${START_S}s`,
    "# Longer than drain_deadline and the close after it",
    `TimeoutStopSec=${stopTimeoutS(drainDeadlineMs)}s`,
    "# A frozen process does not die of the watchdog's SIGABRT",
    `TimeoutAbortSec=${ABORT_S}s`,
    "# The daemon ends its own children, in its own order",
    "KillMode=mixed",
    "# A child that is killed for its memory is the daemon's to judge",
    "OOMPolicy=continue",
    "# A watchdog kill is SIGABRT: no core of the whole heap",
    "LimitCORE=0",
  ];
}

function accessLines(daemon: DaemonInfo, places: Places): string[] {
  const { readWrite, readOnly } = fileAccess(daemon, places);
  const program = programOf(daemon, places);
  const amongPeople = [places.home, places.workspace, program].some((path) => PEOPLE.test(path));
  return [
    ...readWrite.map((path) => `ReadWritePaths=${escapePath(path)}`),
    ...readOnly.map((path) => `ReadOnlyPaths=${escapePath(path)}`),
    // What is written among sources is for those who read sources; the home's files have modes of their own.
    `UMask=${daemon.writes?.includes("workspace") === true ? "0022" : "0077"}`,
    `ProtectHome=${amongPeople ? "read-only" : "yes"}`,
  ];
}

/** Path of the program: of the release in use, or the user's own. */
function programOf(daemon: DaemonInfo, places: Places): string {
  return daemon.main ?? `${currentRelease(places)}/packages/${daemon.package}/dist/main.js`;
}

function mounts({ home, prefix }: Places): string {
  return [home, prefix].map(escapePath).join(" ");
}
