/**
 * From what is there to what is wanted: the steps of an installation. Pure; a second run finds everything already so.
 *
 * I1 A unit that an operator disabled or stopped stays so: only units that are new are enabled and started. One that has
 *    failed was stopped by nobody: it is started, so that an installation whose start failed can be repeated.
 * I2 What an earlier installation wrote and this one does not want is removed.
 * I3 The record is written before anything starts, so that an interrupted installation can be finished or removed.
 */
import { HOME_FOLDERS } from "@kloros/bus";
import { METRICS_UNIT } from "../metrics-unit.ts";
import { currentRelease, SERVICE_USER } from "../places.ts";
import { ancestors, type Observed } from "./observe.ts";
import { type InstallationRecord, recordPath, recordText } from "./record.ts";
import { type Action, type Step, step } from "./step.ts";
import { CATALOG, type Wanted } from "./wanted.ts";

const TARGET = "kloros.target";
const SYSUSERS = "/etc/sysusers.d/kloros.conf";
const TMPFILES = "/etc/tmpfiles.d/kloros.conf";
/** What `kloros init` creates. */
const HOME_FILES = ["mesh.yaml", "capabilities.yaml", "dream_lab/dream.yaml", "policies.yaml"] as const;

export interface InstallChoices {
  /** False: nothing is started or restarted. */
  readonly start: boolean;
  /** The command that makes the keys that a mesh over TCP lacks; null: it lacks none. */
  readonly keys: readonly string[] | null;
  /** mesh.yaml is to say that the mesh runs over TCP. */
  readonly switchToTcp: boolean;
}

/** Paths whose existence the plan asks about. */
export function pathsAskedAbout({ places, files }: Pick<Wanted, "places" | "files">): readonly string[] {
  const inHome = [...HOME_FOLDERS, ...HOME_FILES].map((name) => `${places.home}/${name}`);
  return [...inHome, places.workspace, places.prefix, ...files.map(({ path }) => path)];
}

/** The steps in order. */
export function planInstall(
  aim: Wanted,
  seen: Observed,
  old: InstallationRecord | null,
  options: InstallChoices,
): readonly Step[] {
  const { units } = aim;
  const changed = new Set(
    aim.files.filter(({ path, text }) => seen.files.get(path) !== text).map((f) => f.path),
  );
  const newUnits = units.filter((name) => old?.units.includes(name) !== true);
  return [
    ...placeRelease(aim, seen),
    ...aim.files.map((file) =>
      step(`write ${file.path}`, !changed.has(file.path), { kind: "write", ...file }),
    ),
    ...leaveOldHome(aim, old),
    ...removeStale(aim, old),
    ...prepareHome(aim, seen, changed),
    ...prepareTcp(aim, options),
    ...tellSystemd(aim, seen, changed, newUnits),
    writeRecord(aim, seen, old),
    ...(options.start ? startMesh(aim, seen, changed, newUnits) : []),
  ];
}

function placeRelease({ places, release }: Wanted, seen: Observed): Step[] {
  const folder = `${places.prefix}/releases/${release.id}`;
  const target = `releases/${release.id}`;
  return [
    step(`copy the release to ${folder}`, seen.releases.includes(release.id), {
      kind: "release",
      from: release.from,
      to: folder,
    }),
    step(`point ${currentRelease(places)} to ${target}`, seen.current === target, {
      kind: "link",
      path: currentRelease(places),
      target,
    }),
  ];
}

/** Nothing is moved: what is in the old home may be wanted there, and only a person knows. */
function leaveOldHome({ places: { home } }: Wanted, old: InstallationRecord | null): Step[] {
  if (old === null || old.home === home) return [];
  return [step(`begin anew in ${home}; the state of before stays in ${old.home}`, false)];
}

/** I2 */
function removeStale(aim: Wanted, old: InstallationRecord | null): Step[] {
  const kept = new Set(aim.files.map(({ path }) => path));
  const goneUnits = (old?.units ?? []).filter((name) => !aim.units.includes(name));
  const goneFiles = (old?.files ?? []).filter((path) => !kept.has(path));
  return [
    ...goneUnits.map((name) =>
      step(
        `stop ${name}, whose daemon is no longer there`,
        false,
        run(["systemctl", "disable", "--now", name], true),
      ),
    ),
    ...goneFiles.map((path) => step(`remove ${path}`, false, { kind: "remove", path })),
  ];
}

function prepareHome(aim: Wanted, seen: Observed, changed: ReadonlySet<string>): Step[] {
  const { home, workspace } = aim.places;
  const lacksFolder = HOME_FOLDERS.some((name) => seen.missing.has(`${home}/${name}`));
  const lacksFile = HOME_FILES.some((name) => seen.missing.has(`${home}/${name}`));
  const program = `${currentRelease(aim.places)}/packages/cli/bin/kloros.mjs`;
  return [
    step(
      `create the user ${SERVICE_USER}`,
      seen.userExists && !changed.has(SYSUSERS),
      run(["systemd-sysusers", SYSUSERS]),
    ),
    step(
      `create ${workspace}`,
      !seen.missing.has(workspace),
      run(asOwner(["install", "-d", "-m", "0750", workspace])),
    ),
    step(
      `create the folders of ${home}`,
      !lacksFolder && !changed.has(TMPFILES),
      run(["systemd-tmpfiles", "--create", TMPFILES]),
    ),
    step(
      `create the files of ${home}`,
      !lacksFile,
      run(asService([aim.places.node, program, "init", "--home", home], home)),
    ),
  ];
}

function prepareTcp({ places: { home } }: Wanted, { keys, switchToTcp }: InstallChoices): Step[] {
  const path = `${home}/mesh.yaml`;
  const text = "\n# Chosen with kloros install systemd --transport tcp.\ntransport: tcp\n";
  return [
    ...(switchToTcp ? [step(`set transport: tcp in ${path}`, false, { kind: "append", path, text })] : []),
    ...(keys === null ? [] : [step(`create the keys of ${home}`, false, run(asService(keys, home)))]),
  ];
}

function tellSystemd(
  aim: Wanted,
  seen: Observed,
  changed: ReadonlySet<string>,
  newUnits: readonly string[],
): Step[] {
  const isUnit = (path: string) => path.startsWith("/etc/systemd/system/");
  const isNew = (name: string) => newUnits.includes(name) || name === TARGET;
  const disabled = [TARGET, ...newUnits].filter(
    (name) => isNew(name) && seen.units.get(name)?.enabled !== "enabled",
  );
  const steps = [
    step("tell systemd about the units", ![...changed].some(isUnit), run(["systemctl", "daemon-reload"])),
    step(
      `enable ${disabled.length === 0 ? TARGET : disabled.join(" ")}`,
      disabled.length === 0,
      run(["systemctl", "--quiet", "enable", ...disabled]),
    ), // I1
  ];
  if (aim.files.some(({ path }) => path === CATALOG))
    steps.push(
      step(
        "tell journald what its messages mean",
        !changed.has(CATALOG),
        run(["journalctl", "--update-catalog"]),
      ),
    );
  return steps;
}

/** I3 */
function writeRecord(aim: Wanted, seen: Observed, old: InstallationRecord | null): Step {
  const { places, files, units } = aim;
  const paths = files.map(({ path }) => path);
  const parents = [...paths, places.workspace, places.home, `${places.prefix}/x`].flatMap((path) =>
    ancestors(path),
  );
  const made = [...parents, places.workspace].filter((path) => seen.missing.has(path));
  const { home, workspace, node } = places;
  const folders = [...new Set([...(old?.folders ?? []), ...made])].sort();
  const text = recordText({ home, workspace, node, files: paths, units, folders });
  const path = recordPath(places.prefix);
  return step(`note in ${path} what was installed`, seen.files.get(path) === text, {
    kind: "write",
    path,
    text,
    mode: 0o644,
  });
}

function startMesh(
  aim: Wanted,
  seen: Observed,
  changed: ReadonlySet<string>,
  newUnits: readonly string[],
): Step[] {
  const isActive = (name: string) => seen.units.get(name)?.active === "active";
  if (!isActive(TARGET)) return [step(`start ${TARGET}`, false, run(["systemctl", "start", TARGET]))];
  const isChanged = (name: string) => changed.has(`/etc/systemd/system/${name}`);
  const isOther = seen.current !== `releases/${aim.release.id}`;
  const stateOf = (name: string) => seen.units.get(name)?.active;
  const failed = aim.units.filter((name) => stateOf(name) === "failed");
  const toRestart = [...aim.units, METRICS_UNIT].filter(
    (name) => (isActive(name) || stateOf(name) === "activating") && (isChanged(name) || isOther),
  );
  const toStart = newUnits.filter((name) => !isActive(name) && !failed.includes(name));
  return [
    step(
      `start ${[TARGET, ...toStart].join(" ")}`,
      toStart.length === 0,
      run(["systemctl", "start", ...toStart]),
    ),
    ...(failed.length === 0 ? [] : [startFailed(failed)]), // I1
    ...(toRestart.length === 0
      ? []
      : [step(`restart ${toRestart.join(" ")}`, false, run(["systemctl", "restart", ...toRestart]))]),
  ];
}

/** What failed too often is not started again before systemd forgets that. */
function startFailed(failed: readonly string[]): Step {
  const actions = [run(["systemctl", "reset-failed", ...failed]), run(["systemctl", "start", ...failed])];
  return step(`start ${failed.join(" ")}, which had failed`, false, ...actions);
}

function run(command: readonly string[], mayFail = false): Action {
  return { kind: "run", command, ...(mayFail ? { mayFail } : {}) };
}

/** As the service user; what it makes is its own. */
function asService(command: readonly string[], home: string): readonly string[] {
  const user = ["--reuid", SERVICE_USER, "--regid", SERVICE_USER, "--clear-groups"];
  return ["setpriv", ...user, "--", "env", `HOME=${home}`, ...command];
}

function asOwner([program = "", ...rest]: readonly string[]): readonly string[] {
  return [program, "-o", SERVICE_USER, "-g", SERVICE_USER, ...rest];
}
