/**
 * One process of a daemon: started, listened to, signalled. Decides nothing.
 *
 * No orphans: the kernel kills the child when this process dies (`setpriv --pdeathsig KILL`, where it exists), and
 * a child whose stdin reaches its end stops by itself. It has its own process group, so that Ctrl-C in the terminal
 * reaches only the supervisor, which stops all in order, and so that its own children end with it.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { LineSplitter } from "./line-splitter.ts";
import type { Notice } from "./notify-lines.ts";
import { parseNotice } from "./notify-lines.ts";
import { parentDeathPrefix } from "./parent-death.ts";

export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export type OutputStream = "stdout" | "stderr";

export interface ProcessListener {
  onNotice(notice: Notice): void;
  onLine(stream: OutputStream, line: string): void;
  onExit(exit: { code: number | null; signal: string | null; error?: string }): void;
}

export interface RunningProcess {
  /** undefined when it could not be started. */
  readonly pid: number | undefined;
  signal(signal: "SIGTERM" | "SIGABRT" | "SIGKILL"): void;
  /** Backpressure: stops reading its output; the pipe fills and the child waits. */
  pauseOutput(): void;
  resumeOutput(): void;
}

/** Longest wait for the last lines of a process that has ended, in milliseconds; a grandchild may hold the pipe. */
const LAST_LINES_MS = 300;
const NOTIFY_FD = 3;
/** The supervisor's own systemd channel is not its children's. */
const NOT_INHERITED = [
  "NOTIFY_SOCKET",
  "WATCHDOG_USEC",
  "WATCHDOG_PID",
  "LISTEN_FDS",
  "LISTEN_PID",
  "JOURNAL_STREAM",
];

/** Starts the program; every outcome, also that it cannot be started, is told to the listener. */
export function launch(program: Program, listener: ProcessListener): RunningProcess {
  const [command = program.command, ...args] = [...parentDeathPrefix(), program.command, ...program.args];
  const child = spawn(command, args, {
    env: childEnvironment(program),
    stdio: ["pipe", "pipe", "pipe", "pipe"],
    detached: true,
  });
  child.stdin.on("error", ignore); // Nothing is ever written; its end is what counts.
  const outputs = [child.stdout, child.stderr];
  readLines(child.stdout, (line) => listener.onLine("stdout", line));
  readLines(child.stderr, (line) => listener.onLine("stderr", line));
  readLines(child.stdio[NOTIFY_FD] as Readable | null, (line) => {
    const notice = parseNotice(line);
    if (notice) listener.onNotice(notice);
  });
  reportEnd(child, listener);
  return {
    pid: child.pid,
    signal: (signal) => send(child, signal),
    pauseOutput: () => outputs.forEach((output) => output.pause()),
    resumeOutput: () => outputs.forEach((output) => output.resume()),
  };
}

function childEnvironment(program: Program): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.includes(name));
  return {
    ...Object.fromEntries(own),
    ...program.env,
    KLOROS_NOTIFY_FD: String(NOTIFY_FD),
    KLOROS_SUPERVISED: "1",
  };
}

function readLines(stream: Readable | null | undefined, onLine: (line: string) => void): void {
  if (!stream) return;
  const splitter = new LineSplitter(onLine);
  stream.on("data", (chunk: Buffer) => splitter.push(chunk));
  stream.on("end", () => splitter.end());
  stream.on("error", ignore); // A broken pipe is the child's end, which is reported by itself.
}

/** After the exit its last lines are waited for, so that STOPPING=1 is never overtaken by the exit code. */
function reportEnd(child: ChildProcess, listener: ProcessListener): void {
  let told = false;
  const tell = (exit: { code: number | null; signal: string | null; error?: string }): void => {
    if (told) return;
    told = true;
    listener.onExit(exit);
  };
  child.on("error", (error) => {
    if (child.pid === undefined) tell({ code: null, signal: null, error: error.message });
  });
  child.on("exit", (code, signal) => {
    killGroup(child); // What the daemon itself started ends with it.
    child.stdout?.resume();
    child.stderr?.resume();
    setTimeout(() => tell({ code, signal }), LAST_LINES_MS);
    child.on("close", () => tell({ code, signal }));
  });
}

function send(child: ChildProcess, signal: "SIGTERM" | "SIGABRT" | "SIGKILL"): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  if (signal === "SIGKILL") killGroup(child);
  child.kill(signal);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // ESRCH: the group is empty already.
  }
}

function ignore(): void {
  // See the callers: the end of the process tells all there is to tell.
}
