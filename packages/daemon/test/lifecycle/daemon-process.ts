/** A real daemon in a real process, for tests. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, openSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { askDaemon } from "@kloros/client";
import { onTestFinished, vi } from "vitest";

const CONTRACTS = fileURLToPath(new URL("./contracts", import.meta.url));
/** Starting on a busy machine. */
const PATIENCE = { timeout: 30_000, interval: 5 };

export function newHome(): string {
  return mkdtempSync(join(tmpdir(), "kd-"));
}

export const IS_ROOT = process.getuid?.() === 0;

/** A tmpfs of `bytes`, unmounted at the end of the test. Only root may. */
export function smallDisk(bytes: number): { path: string; makeReadOnly(): void } {
  const path = join(newHome(), "disk");
  mkdirSync(path);
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "kloros-test", path]);
  onTestFinished(() => void execFileSync("umount", ["-l", path]));
  return { path, makeReadOnly: () => void execFileSync("mount", ["-o", "remount,ro", path]) };
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface DaemonProcess {
  readonly child: ChildProcess;
  readonly home: string;
  readonly exit: Promise<Exit>;
  /** Log lines so far. */
  readonly logs: Record<string, unknown>[];
  /** What came on the notify pipe so far. */
  readonly notices: string[];
  stdout(): string;
  stderr(): string;
  ask<T = Record<string, unknown>>(event: string, data?: unknown): Promise<T>;
  /** Waits until a log line has this message. */
  logged(message: string): Promise<Record<string, unknown>>;
  noticed(notice: string): Promise<void>;
}

export interface StartOptions {
  readonly home?: string;
  readonly args?: readonly string[];
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** Write stdout there instead of to us. */
  readonly stdoutFile?: string;
  /** Commands before node, e.g. `unshare`. */
  readonly prefix?: readonly string[];
}

/** Starts `daemons/<file>.mjs`; killed at the end of the test at the latest. */
export function startDaemon(file: "greeter" | "guest", options: StartOptions = {}): DaemonProcess {
  const home = options.home ?? newHome();
  const script = fileURLToPath(new URL(`./daemons/${file}.mjs`, import.meta.url));
  const [command = "", ...args] = [
    ...(options.prefix ?? []),
    process.execPath,
    script,
    ...(options.args ?? []),
  ];
  const child = spawn(command, args, {
    stdio: [
      "pipe",
      options.stdoutFile === undefined ? "pipe" : openSync(options.stdoutFile, "w"),
      "pipe",
      "pipe",
    ],
    cwd: options.cwd ?? process.cwd(),
    env: {
      PATH: process.env["PATH"],
      HOME: home,
      KLOROS_HOME: home,
      KLOROS_CONTRACT_DIRS: CONTRACTS,
      KLOROS_NOTIFY_FD: "3",
      ...options.env,
    },
  });
  child.stdin?.on("error", () => undefined);
  const exit = once(child, "close").then(([code, signal]) => ({ code, signal }));
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await exit;
  });
  const texts = [child.stdout, child.stderr, child.stdio[3] as Readable | null].map(collect);
  const lines = (index: number) => (texts[index]?.() ?? "").split("\n").slice(0, -1);
  const logs = () => lines(0).map((line) => JSON.parse(line) as Record<string, unknown>);
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  const until = async <T>(what: string, find: () => T | undefined): Promise<T> => {
    const found = await vi.waitFor(() => {
      const value = find();
      if (value !== undefined) return { value };
      if (!running()) return { value: undefined };
      throw new Error(`still no ${what}`);
    }, PATIENCE);
    if (found.value === undefined) throw new Error(`ended without ${what}: ${texts[0]!()}${texts[1]!()}`);
    return found.value;
  };
  const name = `hello_${file}`;
  return {
    child,
    home,
    exit,
    get logs() {
      return logs();
    },
    get notices() {
      return lines(2);
    },
    stdout: () => texts[0]!(),
    stderr: () => texts[1]!(),
    ask: (event, data) => askDaemon(join(home, "run", `${name}.sock`), event, data),
    logged: (message) => until(message, () => logs().find((line) => line["msg"] === message)),
    noticed: async (notice) => {
      await until(notice, () => lines(2).find((line) => line.startsWith(notice)));
    },
  };
}

function collect(stream: Readable | null): () => string {
  let text = "";
  if (!stream) return () => text;
  stream.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  stream.on("error", () => undefined);
  return () => text;
}
