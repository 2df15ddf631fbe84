/** `kloros up` from the lock to the last line: one supervisor, its console, its control socket. */
import { join } from "node:path";
import { acquireFileLock, type FileLock, loadContracts } from "@kloros/bus";
import { didYouMean, HomePathTooLongError } from "@kloros/daemon";
import { CommandError, unreachable, usageError } from "../program/errors.ts";
import { EXIT } from "../program/exit-codes.ts";
import { remark } from "../program/output.ts";
import type { Program } from "../supervisor/child-process.ts";
import { Supervisor } from "../supervisor/supervise.ts";
import { announce, StartWatch } from "./announce.ts";
import type { UpConfig } from "./config.ts";
import { loadUpConfig } from "./config.ts";
import { MeshConsole } from "./mesh-console.ts";
import { type NewHome, prepareHome } from "./new-home.ts";
import { listenForStop } from "./repeated-signal.ts";
import { type InstalledDaemon, installedDaemons } from "./roster.ts";
import { openSupervisorControl } from "./supervisor-control.ts";

/** `sun_path` of Linux without its final zero. */
const MAX_SOCKET_PATH_BYTES = 107;

export interface UpOptions {
  readonly home?: string;
  readonly workspace?: string;
  readonly json?: boolean;
  readonly demo?: boolean;
  readonly only?: readonly string[];
}

/** Runs until somebody stops it; resolves with the exit code. @throws {CommandError}, {ConfigError} */
export async function runMesh(options: UpOptions): Promise<number> {
  const { home: homeFlag, workspace: workspaceFlag } = options;
  const config = await loadUpConfig({
    ...(homeFlag === undefined ? {} : { home: homeFlag }),
    ...(workspaceFlag === undefined ? {} : { workspace: workspaceFlag }),
  });
  const daemons = chooseDaemons(config, options.only ?? []);
  checkSocketPaths(config.home, daemons);
  const prepared = await prepareHome(config.home);
  for (const what of prepared.closed) remark(what);
  const lock = lockHome(config.home);
  try {
    return await superviseMesh(config, daemons, prepared, options);
  } finally {
    lock.release();
  }
}

function chooseDaemons(config: UpConfig, only: readonly string[]): readonly InstalledDaemon[] {
  const installed = installedDaemons(loadContracts({ extraDirs: config.contractDirs }));
  if (installed.length === 0)
    throw unreachable("no daemon is built yet; in the root of the checkout run: npm run build");
  const names = installed.map(({ name }) => name);
  for (const wanted of only) {
    if (names.includes(wanted)) continue;
    const meant = didYouMean(wanted, names);
    throw usageError(
      `--only ${wanted}: no such daemon${meant === undefined ? "" : `; did you mean ${meant}?`} (there are ${names.join(", ")})`,
    );
  }
  return only.length === 0 ? installed : installed.filter(({ name }) => only.includes(name));
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
  daemons: readonly InstalledDaemon[],
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
      if (state.mode === "running" && state.children.every(({ phase }) => phase.kind === "failed"))
        setImmediate(stopAll);
    },
  });
  const startedAt = supervisor.now();
  const endListening = listenForStop(() => {
    if (supervisor.state().mode === "running") view.say("info", "Stopping all daemons; once more to hurry");
    stopAll();
  });
  const control = await openSupervisorControl(config.home, supervisor); // Before anything runs that it could leave behind.
  supervisor.start();
  await supervisor.ended;
  endListening();
  await control.close();
  const failed = supervisor.state().children.every(({ phase }) => phase.kind === "failed");
  view.say(failed ? "error" : "info", failed ? "Every daemon has failed" : "All daemons stopped");
  await view.flush();
  return failed ? EXIT.no : EXIT.done;
}

function programOf(daemon: InstalledDaemon, config: UpConfig): Program {
  return {
    name: daemon.name,
    command: process.execPath,
    args: [daemon.main],
    env: { KLOROS_HOME: config.home, KLOROS_WORKSPACE: config.workspace },
  };
}
