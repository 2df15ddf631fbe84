/**
 * A real systemd with journald for a test: PID 1 of its own namespaces, root an overlay of the machine's, every write
 * gone with it. The checkout is at `REPO_INSIDE`, read-only; Node is /usr/bin/node. It ends with the process that
 * started it, even by kill -9, and leaves nothing behind. `fixture.sh` does the work and says how.
 */
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";

const FIXTURE = fileURLToPath(new URL("fixture.sh", import.meta.url));
const REPO = fileURLToPath(new URL("../..", import.meta.url));
/** Where the checkout is inside. */
export const REPO_INSIDE = "/srv/repo";
/** Where Node is inside. */
const NODE_INSIDE = "/usr/bin/node";
/** A login of root; nothing of the test's own environment comes along. */
const ENVIRONMENT = [
  "env",
  "-i",
  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  "HOME=/root",
  "LANG=C.UTF-8",
  "SHLVL=1", // Without it bash takes a socket on stdin for a remote login, and reads root's .bashrc.
];
/** Boot and halt take half a second; a busy machine gets this long, in milliseconds. */
const LIFE_DEADLINE_MS = 45_000;
/** A command inside that is not given its own deadline, in milliseconds. */
const EXEC_DEADLINE_MS = 30_000;

export interface Bind {
  readonly from: string;
  /** Place inside; left out: the same path. */
  readonly to?: string;
  readonly writable?: boolean;
}

export interface ExecOptions {
  /** Standard input; left out: empty. */
  readonly input?: string;
  /** Deadline in milliseconds (30 s); the command is killed then and the call rejects. */
  readonly timeoutMs?: number;
  /** Reject when the command does not exit with 0; default true. */
  readonly check?: boolean;
}

export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PrivateSystemd {
  readonly name: string;
  /** Runs a command inside as root, like `docker exec`. @throws Error on a deadline, or on exit != 0 unless `check: false` */
  exec(command: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Orderly halt; nothing is left on the machine. */
  down(): Promise<void>;
}

let unavailable: string | null | undefined;

/** Why no private systemd can run here (not root, no systemd, no cgroup2 …), or null when it can. */
export function systemdAvailable(): string | null {
  if (unavailable === undefined) {
    const { status, stderr } = spawnSync(FIXTURE, ["check"], { encoding: "utf8" });
    unavailable = status === 0 ? null : stderr.trim() || `${FIXTURE} check failed`;
  }
  return unavailable;
}

/** Says on stderr why the tests of `what` are skipped; for `describe.skipIf(skipWithoutSystemd("…"))`. */
export function skipWithoutSystemd(what: string): boolean {
  const reason = systemdAvailable();
  if (reason !== null) process.stderr.write(`\nSKIPPED, no private systemd here: ${what}: ${reason}\n`);
  return reason !== null;
}

/** Boots one. It ends with this process at the latest. @throws Error with systemd's own words when it does not boot */
export async function startPrivateSystemd(
  options: { readonly binds?: readonly Bind[] } = {},
): Promise<PrivateSystemd> {
  const name = `kloros-${process.pid}-${randomBytes(3).toString("hex")}`;
  const node = process.execPath === NODE_INSIDE ? [] : [{ from: process.execPath, to: NODE_INSIDE }];
  const binds = [{ from: REPO, to: REPO_INSIDE }, ...node, ...(options.binds ?? [])];
  const flags = binds.flatMap((bind: Bind) => [
    bind.writable === true ? "--bind" : "--bind-ro",
    `${bind.from.replace(/\/$/, "")}:${bind.to ?? bind.from}`,
  ]);
  await fixture(["up", name, ...flags, "--owner", String(process.pid)], { timeoutMs: LIFE_DEADLINE_MS });
  return {
    name,
    exec: async (command, execOptions) => fixture(["exec", name, ...ENVIRONMENT, ...command], execOptions),
    down: async () => {
      await fixture(["down", name], { timeoutMs: LIFE_DEADLINE_MS });
    },
  };
}

async function fixture(args: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
  const { input = "", timeoutMs = EXEC_DEADLINE_MS, check = true } = options;
  const child = spawn(FIXTURE, args, { stdio: ["pipe", "pipe", "pipe"], cwd: "/", detached: true });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  child.stdin.on("error", () => undefined).end(input); // A command that reads nothing may be gone already.
  let timer: NodeJS.Timeout | undefined;
  const code = await new Promise<number | "late">((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status, signal) => resolve(status ?? (signal === null ? 1 : 128)));
    timer = setTimeout(() => {
      killGroup(child.pid);
      resolve("late");
    }, timeoutMs);
  }).finally(() => clearTimeout(timer));
  const stdout = Buffer.concat(out).toString();
  const stderr = Buffer.concat(err).toString();
  const said = `\n${stdout}${stderr}`;
  if (code === "late") throw new Error(`not done after ${timeoutMs} ms: ${args.join(" ")}${said}`);
  if (check && code !== 0) throw new Error(`exit ${code}: ${args.join(" ")}${said}`);
  return { code, stdout, stderr };
}

/** With its children, which would hold the pipes. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Gone in the meantime.
  }
}
