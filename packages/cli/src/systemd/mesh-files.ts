/** All files with which systemd knows the mesh, as texts. Pure. */
import { HOME_FOLDERS, type DaemonInfo } from "@kloros/bus";
import { DEAD_LETTERS } from "./file-access.ts";
import { HOME_UNIT, homeUnitText } from "./home-unit.ts";
import { METRICS_UNIT, metricsUnitText } from "./metrics-unit.ts";
import { DEFAULT_PLACES, escapePath, type Places, SERVICE_USER, unitName } from "./places.ts";
import { unitText } from "./unit-text.ts";

export interface MeshFile {
  /** Name in the repository's `systemd/`. */
  readonly name: string;
  /** Where it is installed. */
  readonly path: string;
  readonly text: string;
}

const UNITS = "/etc/systemd/system";

/** Units of these daemons, of the metrics and of the home, target, slice, preset, sysusers.d and tmpfiles.d. */
export function meshFiles(daemons: readonly DaemonInfo[], places: Places): readonly MeshFile[] {
  const unit = (name: string, text: string): MeshFile => ({ name, path: `${UNITS}/${name}`, text });
  return [
    ...daemons.map((daemon) => unit(unitName(daemon), unitText(daemon, places))),
    unit(METRICS_UNIT, metricsUnitText(places)),
    unit(HOME_UNIT, homeUnitText(places)),
    unit("kloros.target", TARGET),
    unit("kloros.slice", SLICE),
    { name: "kloros.preset", path: "/etc/systemd/system-preset/50-kloros.preset", text: PRESET },
    { name: "kloros.sysusers", path: "/etc/sysusers.d/kloros.conf", text: sysusers(places) },
    { name: "kloros.tmpfiles", path: "/etc/tmpfiles.d/kloros.conf", text: tmpfiles(daemons, places) },
  ];
}

const TARGET = `[Unit]
Description=KLoROS signal mesh, all daemons

[Install]
WantedBy=multi-user.target
`;

const SLICE = `[Unit]
Description=KLoROS signal mesh, its resources
# Limits for the mesh as a whole: systemctl edit kloros.slice (MemoryHigh=, CPUWeight=, IOWeight=)

[Slice]
CPUAccounting=yes
MemoryAccounting=yes
IOAccounting=yes
TasksAccounting=yes
`;

/** The first line that fits decides. */
const PRESET = `enable kloros.target
disable ${METRICS_UNIT}
enable kloros-*.service
`;

function sysusers({ home }: Places): string {
  return `u ${SERVICE_USER} - "KLoROS signal mesh" ${escapePath(home)}\n`;
}

/** Modes with a colon are those of new folders only: whoever opens one to others keeps it open. */
function tmpfiles(daemons: readonly DaemonInfo[], { home, workspace }: Places): string {
  const owner = `${SERVICE_USER} ${SERVICE_USER}`;
  const folders = new Set<string>([
    ...HOME_FOLDERS,
    ...daemons.flatMap(({ name, writes = [] }) => [
      `journal/${name}`,
      `checkpoints/${name}`,
      ...writes.filter((path) => path !== "workspace"), // Folders of a user's daemon that nobody else makes.
    ]),
  ]);
  return [
    ...[...folders].map((folder) => `d ${pathIn(home, folder)} :0700 ${owner}`),
    `f ${pathIn(home, DEAD_LETTERS)} :0600 ${owner}`,
    // Somebody's own source tree is theirs; the shipped place is made.
    ...(workspace === DEFAULT_PLACES.workspace ? [`d ${escapePath(workspace)} :0750 ${owner}`] : []),
    "",
  ].join("\n");
}

function pathIn(home: string, folder: string): string {
  return escapePath(folder === "." ? home : `${home}/${folder}`);
}
