// The native parts are loaded once in a child process before anything depends on them, so that a platform without a
// prebuilt binary gets advice instead of a stack trace, and a library that crashes on load takes only the child along.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { LaunchError, ROOT } from "./step.mjs";

const NATIVE_PARTS = [
  { name: "zeromq", purpose: "the sockets of the bus" },
  { name: "lmdb", purpose: "the journals" },
  { name: "fs-native-extensions", purpose: "file locks" },
];
/** Longest time for loading one part, in milliseconds: it takes a fraction of a second, a cold disk included. */
const LOAD_TIMEOUT_MS = 20_000;

/** @throws {LaunchError} naming each part that does not load, why, and what to do */
export function checkNativeParts() {
  const all = load(NATIVE_PARTS.map((part) => part.name));
  if (all === null) return;
  const problems = NATIVE_PARTS.map((part) => ({ ...part, reason: load([part.name]) })).filter(
    (part) => part.reason !== null,
  );
  if (problems.length === 0) return;
  throw new LaunchError(
    [
      ...problems.map((part) => `${part.name} (${part.purpose}) does not load: ${part.reason}`),
      "",
      `This machine: ${process.platform}-${process.arch}, ${libc()}, Node ${process.versions.node}.`,
      "The parts come prebuilt for Linux on x64 and arm64. What helps:",
      "  1. If node_modules was copied from another machine: rm -rf node_modules && npm ci --ignore-scripts",
      "  2. If optional dependencies were left out: npm ci --ignore-scripts --include=optional",
      "  3. On another platform, compile them: apt-get install build-essential cmake python3, then",
      `     npm rebuild ${problems.map((part) => part.name).join(" ")}`,
    ].join("\n"),
  );
}

/**
 * Null when all of them load, else the first line of the reason.
 * @param {string[]} names
 */
function load(names) {
  const child = spawnSync(
    process.execPath,
    ["-e", `for (const n of process.argv.slice(1)) require(n)`, ...names],
    {
      cwd: join(ROOT, "packages/bus"),
      encoding: "utf8",
      timeout: LOAD_TIMEOUT_MS,
    },
  );
  if (child.status === 0) return null;
  if (child.error) return child.error.message;
  if (child.signal) return `the process was ended by ${child.signal} while loading it`;
  const lines = child.stderr.split("\n");
  return (lines.find((line) => /^\w*Error/.test(line)) ?? lines[0] ?? "unknown").trim();
}

function libc() {
  if (process.platform !== "linux") return "not Linux";
  return existsSync("/etc/alpine-release") ? "musl libc" : "glibc or unknown libc";
}
