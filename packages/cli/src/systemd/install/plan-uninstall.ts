/**
 * The steps that remove an installation. Pure.
 *
 * Nobody's work is removed unasked: the home, its user and what operators added to units stay without `purge`, and a
 * workspace or folder that is not empty always does.
 */
import { dirname } from "node:path";
import { METRICS_UNIT } from "../metrics-unit.ts";
import { DEFAULT_PLACES, SERVICE_USER } from "../places.ts";
import { type InstallationRecord, recordPath } from "./record.ts";
import { type Action, type Step, step } from "./step.ts";
import { CATALOG } from "./wanted.ts";

const TARGET = "kloros.target";
const UNITS = "/etc/systemd/system";

export function planUninstall(
  prefix: string,
  record: InstallationRecord,
  purge: boolean,
  userExists: boolean,
): readonly Step[] {
  const all = [TARGET, ...record.units, METRICS_UNIT];
  const parts = [`${prefix}/current`, `${prefix}/releases`, recordPath(prefix)];
  const own = [...all, "kloros.slice"];
  return [
    step(`stop ${all.length} units`, false, run(["systemctl", "stop", ...own], true)),
    step("disable them", false, run(["systemctl", "--quiet", "disable", ...all], true)),
    ...(purge
      ? [step("remove your changes to units", false, ...own.map((name) => remove(`${UNITS}/${name}.d`)))]
      : []),
    step(`remove ${record.files.length} files`, false, ...record.files.map(remove)),
    step(
      "tell systemd",
      false,
      run(["systemctl", "daemon-reload"]),
      run(["systemctl", "reset-failed", ...all], true),
    ),
    ...(record.files.includes(CATALOG)
      ? [step("tell journald", false, run(["journalctl", "--update-catalog"]))]
      : []),
    ...(purge ? purgeSteps(record, userExists) : []),
    step(`remove the releases in ${prefix}`, false, ...parts.map(remove)),
    // Deepest first.
    step("remove folders that are empty now", false, ...emptied(record, purge)),
  ];
}

/** What stays, one sentence each. */
export function keptBy(record: InstallationRecord, purge: boolean): readonly string[] {
  return purge
    ? [`${record.workspace}, the source tree, unless it was empty`]
    : [
        `${record.home} with all state, and the user ${SERVICE_USER}; to remove them too: rm -r ${record.home} && userdel ${SERVICE_USER}`,
      ];
}

function purgeSteps({ home }: InstallationRecord, userExists: boolean): Step[] {
  return [
    step(`remove ${home} with all state`, false, remove(home)),
    step(
      `remove the user ${SERVICE_USER}`,
      !userExists,
      run(["userdel", SERVICE_USER]),
      run(["groupdel", SERVICE_USER], true),
    ),
  ];
}

/** The shipped workspace is ours whenever it is empty; an earlier installation may have made it. */
const OWN_FOLDERS = [DEFAULT_PLACES.workspace, dirname(DEFAULT_PLACES.workspace)];

function emptied({ folders, home }: InstallationRecord, purge: boolean): Action[] {
  return [...new Set([...folders, ...OWN_FOLDERS])]
    .sort()
    .reverse()
    .filter((path) => purge || !`${home}/`.startsWith(`${path}/`))
    .map((path) => ({ kind: "remove-empty", path }));
}

function remove(path: string): Action {
  return { kind: "remove", path };
}

function run(command: readonly string[], mayFail = false): Action {
  return { kind: "run", command, ...(mayFail ? { mayFail } : {}) };
}
