/** Where the daemons of a home are asked: their sockets. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { DaemonPlace } from "../errors.ts";

/** Names of daemons; other sockets of a home, such as the supervisor's `kloros-up`, are not among "all". */
const DAEMON_SOCKET = /^([a-z][a-z0-9_]{0,63})\.sock$/u;

/** What can be asked by name; nothing that leads out of `run/`. */
const ASKABLE = /^[a-z][a-z0-9_-]{0,63}$/u;

/** @throws {TypeError} `daemon` is no daemon's name */
export function placeOf(home: string, daemon: string): DaemonPlace {
  if (typeof daemon !== "string" || !ASKABLE.test(daemon))
    throw new TypeError(
      `${JSON.stringify(daemon)} is no daemon's name: connect({ daemon: "intent_router" }), or { socketPath }; kloros status shows the names`,
    );
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
