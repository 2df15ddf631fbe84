/** Where the daemons of a home are asked: their sockets. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { DaemonPlace } from "../errors.ts";

/** Names of daemons; other sockets of a home, such as the supervisor's `kloros-up`, are not among "all". */
const DAEMON_SOCKET = /^([a-z][a-z0-9_]{0,63})\.sock$/u;

export function placeOf(home: string, daemon: string): DaemonPlace {
  return { daemon, socketPath: join(home, "run", `${daemon}.sock`) };
}

/** Names of the daemons that have a socket in this home now, in order; none when there is no such home. */
export function daemonsOf(home: string): readonly string[] {
  let files: string[];
  try {
    files = readdirSync(join(home, "run"));
  } catch {
    return []; // No home, or never started: nobody to ask, which the caller says.
  }
  return files.flatMap((file) => DAEMON_SOCKET.exec(file)?.[1] ?? []).sort();
}
