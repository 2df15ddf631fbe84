/** `kloros up` from the lock to the last line: one supervisor, its console, its control socket. */
import { join } from "node:path";
import { acquireFileLock, type FileLock } from "@kloros/bus";
import { HomePathTooLongError } from "@kloros/daemon";
import { CommandError } from "../program/errors.ts";
import { EXIT } from "../program/exit-codes.ts";
import { remark } from "../program/output.ts";
import type { Program } from "../supervisor/child-process.ts";
import type { SupervisorState } from "../supervisor/state.ts";
import { type Report, Supervisor } from "../supervisor/supervise.ts";
import { announce, StartWatch } from "./announce.ts";
import { type ChosenDaemons, chooseDaemons } from "./choose-daemons.ts";
import type { UpConfig } from "./config.ts";
import { loadUpConfig } from "./config.ts";
import { MeshConsole } from "./mesh-console.ts";
import { type NewHome, prepareHome } from "./new-home.ts";
import { listenForStop } from "./repeated-signal.ts";
import { type ReloadedRoster, rosterReload } from "./roster-reload.ts";
import type { InstalledDaemon } from "./roster.ts";
import { openSupervisorControl } from "./supervisor-control.ts";

/** `sun_path` of Linux without its final zero. */
const MAX_SOCKET_PATH_BYTES = 107;

export interface UpOptions {
  readonly home?: string;
  readonly workspace?: string;
  readonly json?: boolean;
  readonly demo?: boolean;
  readonly only?: readonly string[];
  /** More that lives as long as the mesh: called when all are being started. */
  readonly attach?: (mesh: AttachedMesh) => Attachment;
}

/** What lives with a mesh. */
export interface Attachment {
  /** The roster was read again. */
  reloaded(mesh: AttachedMesh): Promise<void>;
  end(): Promise<void>;
}

/** A mesh that runs, for what is attached to it. */
export interface AttachedMesh {
  readonly config: UpConfig;
  readonly daemons: readonly InstalledDaemon[];
  readonly supervisor: Supervisor;
  readonly view: MeshConsole;
}

/** Runs until somebody stops it; resolves with the exit code. @throws {CommandError}, {ConfigError} */
export async function runMesh(options: UpOptions): Promise<number> {
  const config = await configOf(options);
  const chosen = chooseDaemons(config.contractDirs, options.only ?? []);
  checkSocketPaths(config.home, chosen.daemons);
  const prepared = await prepareHome(config.home);
  for (const what of prepared.closed) remark(what);
  const lock = lockHome(config.home);
  try {
    return await superviseMesh(config, chosen, prepared, options);
  } finally {
    lock.release();
  }
}

async function configOf({ home, workspace }: UpOptions): Promise<UpConfig> {
  return loadUpConfig({
    ...(home === undefined ? {} : { home }),
    ...(workspace === undefined ? {} : { workspace }),
  });
}

/** What every daemon would say, said once. */
function checkSocketPaths(home: string, daemons: readonly InstalledDaemon[]): void {
  const longest = Math.max(
    ...daemons.map(({ name }) => Buffer.byteLength(join(home, "run", `${name}.ledger`))),
  );
  if (longest > MAX_SOCKET_PATH_BYTES) throw new HomePathTooLongError(home, homeBytes(home, longest));
}

/** Longest home that would do. */
function homeBytes(home: string, longest: number): number {
  return Buffer.byteLength(home) - (longest - MAX_SOCKET_PATH_BYTES);
}

/** One `kloros up` for each home; the second touches nothing of the first. */
function lockHome(home: string): FileLock {
  const result = acquireFileLock(join(home, "run", "kloros-up.lock"), { name: "kloros up" });
  if (result.kind === "held") return result.lock;
  const { holder } = result;
  const who = holder ? `process ${String(holder.pid)}, since ${holder.since}` : "another process";
  throw new CommandError(
    EXIT.busy,
    `the mesh on ${home} is already run by kloros up (${who}); nothing of it was touched`,
  );
}

async function superviseMesh(
  config: UpConfig,
  { daemons, unbuilt }: ChosenDaemons,
  prepared: NewHome,
  options: UpOptions,
): Promise<number> {
  const stopAll = (): void => {
    supervisor.order({ kind: "stop-all" });
  };
  const view = new MeshConsole({
    json: options.json === true,
    names: daemons.map(({ name }) => name),
    flow: {
      onFull: () => {
        supervisor.pauseOutput();
      },
      onFlowing: () => {
        supervisor.resumeOutput();
      },
      onClosed: stopAll,
    },
  });
  const start = new StartWatch((state) => {
    const dropIntent = options.demo === true && prepared.isNew;
    void announce(state, { view, config, tookMs: supervisor.now() - startedAt, dropIntent });
  });
  const supervisor: Supervisor = new Supervisor({
    programs: daemons.map((daemon) => programOf(daemon, config)),
    limits: config.limits,
    onLine: (name, stream, line) => {
      view.childLine(name, stream, line);
    },
    onReport: (report) => {
      view.report(report);
    },
    onChange: (state) => {
      start.see(state);
      if (state.mode === "running" && allFailed(state)) setImmediate(stopAll);
    },
  });
  const startedAt = supervisor.now();
  const endListening = listenForStop(() => {
    if (supervisor.state().mode === "running") view.say("info", "Stopping all daemons; once more to hurry");
    stopAll();
  });
  const around: Around = { config, options, supervisor, view, attached: undefined };
  const control = await openSupervisorControl(config.home, supervisor, reloading(around)); // Before anything runs that it could leave behind.
  for (const { name, main } of unbuilt) view.report(notBuilt(name, main));
  supervisor.start();
  around.attached = options.attach?.({ config, daemons, supervisor, view });
  await supervisor.ended;
  await around.attached?.end();
  endListening();
  await control.close();
  const failed = allFailed(supervisor.state());
  view.say(failed ? "error" : "info", failed ? "Every daemon has failed" : "All daemons stopped");
  await view.flush();
  return failed ? EXIT.no : EXIT.done;
}

/** One that has no daemons any more has not failed: it waits for some to be registered. */
function allFailed({ children }: SupervisorState): boolean {
  return children.length > 0 && children.every(({ phase }) => phase.kind === "failed");
}

function notBuilt(name: string, main: string): Report {
  const message = "Not started: it is not built; in its folder run npm run build";
  return { kind: "report", name, level: "warn", message, fields: { main } };
}

interface Around {
  readonly config: UpConfig;
  readonly options: UpOptions;
  readonly supervisor: Supervisor;
  readonly view: MeshConsole;
  attached: Attachment | undefined;
}

/** Takes the roster over as it is on disk then, and tells whatever is attached. */
function reloading(around: Around): () => Promise<ReloadedRoster> {
  const { config, options, supervisor, view } = around;
  const reload = rosterReload(rosterAtStart(config, options), {
    read: async () => chooseDaemons((await configOf(options)).contractDirs, []),
    programOf: (daemon) => programOf(daemon, config),
    add: (program) => supervisor.add(program),
    remove: (name) => supervisor.remove(name),
  });
  return async () => {
    const reloaded = await reload();
    const fresh = await configOf(options);
    const names = supervisor.state().children.map(({ name }) => name);
    const { daemons } = chooseDaemons(fresh.contractDirs, []);
    const running = daemons.filter(({ name }) => names.includes(name));
    await around.attached?.reloaded({ config: fresh, daemons: running, supervisor, view });
    return reloaded;
  };
}

/** Names that a reload does not take for new: with `--only`, also of daemons that were left out. */
function rosterAtStart({ contractDirs }: UpConfig, { only = [] }: UpOptions): string[] {
  const { daemons, unbuilt } = chooseDaemons(contractDirs, []);
  return [...daemons, ...(only.length === 0 ? [] : unbuilt)].map(({ name }) => name);
}

function programOf(daemon: InstalledDaemon, config: UpConfig): Program {
  return {
    name: daemon.name,
    command: process.execPath,
    args: [daemon.main],
    env: { KLOROS_HOME: config.home, KLOROS_WORKSPACE: config.workspace },
  };
}
