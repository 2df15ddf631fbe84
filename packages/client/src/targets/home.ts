/** Where daemons are: the folder with all state, and the sockets in it. */
import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { DaemonPlace } from "../errors.ts";

/** Names of daemons; other sockets of a home, such as the supervisor's `kloros-up`, are not among "all". */
const DAEMON_SOCKET = /^([a-z][a-z0-9_]{0,63})\.sock$/u;

/** The home as given, else `KLOROS_HOME`, else `~/.kloros`; absolute. */
export function homeOf(home: string | undefined): string {
  return resolve(home ?? (process.env["KLOROS_HOME"] || join(homedir(), ".kloros")));
}

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
