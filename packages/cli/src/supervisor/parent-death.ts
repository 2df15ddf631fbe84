/** The command in front of a child that makes the kernel kill it when its parent dies, even by `kill -9`. */
import { spawnSync } from "node:child_process";

const PREFIX = ["setpriv", "--pdeathsig", "KILL", "--"] as const;
/** Longest probe, in milliseconds. */
const PROBE_MS = 2_000;

let prefix: readonly string[] | undefined;

/** `setpriv …` of util-linux where it works (probed once), else nothing: then the end of stdin has to do. */
export function parentDeathPrefix(): readonly string[] {
  prefix ??= probe() ? PREFIX : [];
  return prefix;
}

function probe(): boolean {
  const [command, ...args] = PREFIX;
  return spawnSync(command, [...args, "true"], { stdio: "ignore", timeout: PROBE_MS }).status === 0;
}
