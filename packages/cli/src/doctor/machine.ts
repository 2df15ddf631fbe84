/** Is this machine one on which the mesh can run? */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { fail, type Finding, ok, warn } from "./finding.ts";

const run = promisify(execFile);

/** What package.json asks for. */
const NODE_FLOOR = [20, 19] as const;
const NATIVE_PARTS = [
  { name: "zeromq", purpose: "the sockets of the bus", needed: true },
  { name: "lmdb", purpose: "the journals", needed: true },
  { name: "fs-native-extensions", purpose: "file locks", needed: true },
  { name: "node-unix-socket", purpose: "sd_notify and journal fields under systemd", needed: false },
] as const;
/** Longest wait for a program, in milliseconds. */
const RUN_DEADLINE_MS = 10_000;
/** Sockets to every emitter, journals, files: a busy daemon needs some hundred. */
const MIN_OPEN_FILES = 1_024;

export function nodeVersion(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [needMajor, needMinor] = NODE_FLOOR;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return ok("node", `Node ${version}`);
  const floor = NODE_FLOOR.join(".");
  return fail("node", `Node ${version} is too old`, `install Node ${floor} or later: https://nodejs.org`);
}

/** Each in a process of its own: a part that crashes on load takes only that along. */
export async function nativeParts(): Promise<Finding[]> {
  return Promise.all(NATIVE_PARTS.map((part) => nativePart(part)));
}

async function nativePart({ name, purpose, needed }: (typeof NATIVE_PARTS)[number]): Promise<Finding> {
  const check = `native ${name}`;
  // The kit has some of them, the bus the others: whose they are is asked from where they are.
  const packages = fileURLToPath(new URL("../../../", import.meta.url));
  const owner = needed ? "bus" : "daemon";
  try {
    await run(process.execPath, ["-e", "require(process.argv[1])", name], {
      cwd: `${packages}${owner}`,
      timeout: RUN_DEADLINE_MS,
    });
    return ok(check, `loads (${purpose})`);
  } catch (error) {
    const { stderr = "" } = error as { stderr?: string };
    const reason = /^\w*Error.*$/mu.exec(stderr)?.[0] ?? "it does not load";
    const remedy = "npm ci --ignore-scripts --include=optional; on other platforms npm rebuild " + name;
    return (needed ? fail : warn)(check, `${reason} (${purpose})`, remedy);
  }
}

export async function clockSync(): Promise<Finding> {
  try {
    const arguments_ = ["show", "--property=NTPSynchronized", "--value"];
    const { stdout } = await run("timedatectl", arguments_, { timeout: RUN_DEADLINE_MS });
    if (stdout.trim() === "yes") return ok("clock", "kept right by the network");
    if (stdout.trim() === "no")
      return warn("clock", "is not synchronised", "timedatectl set-ntp true, or another time service");
  } catch {
    // No systemd here, or a container: nobody to ask.
  }
  return warn(
    "clock",
    "nobody here can tell whether it is right (no timedatectl)",
    "nothing if the host keeps it; waits do not depend on it, timestamps and latencies do",
  );
}

export function openFiles(limits: string = readLimits()): Finding {
  const soft = /^Max open files\s+(\d+|unlimited)/mu.exec(limits)?.[1];
  if (soft === undefined) return ok("open files", "no limit is known");
  if (soft === "unlimited" || Number(soft) >= MIN_OPEN_FILES)
    return ok("open files", `up to ${soft} in a process`);
  return warn(
    "open files",
    `only ${soft} in a process`,
    `ulimit -n ${String(MIN_OPEN_FILES)} before kloros up`,
  );
}

function readLimits(): string {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch {
    return "";
  }
}

/** `kloros up` lets its children die with it by setpriv. */
export function setpriv(path: string = process.env["PATH"] ?? ""): Finding {
  const found = path.split(":").some((folder) => folder !== "" && existsSync(`${folder}/setpriv`));
  if (found) return ok("setpriv", "there: no daemon outlives kloros up");
  return warn(
    "setpriv",
    "not found: daemons may outlive a kloros up that was killed with -9",
    "install util-linux (apt-get install util-linux)",
  );
}
