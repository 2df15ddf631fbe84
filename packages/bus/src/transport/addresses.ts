/** Where each emitter's two sockets are. ipc (default): files in the home's `run/`; tcp: the roster's ports on loopback. */
import { join } from "node:path";
import type { DaemonInfo } from "../signal/contract.ts";
import { AddressError } from "./errors.ts";

export interface Addresses {
  readonly live: string;
  readonly ledger: string;
}

export type AddressBook = (emitter: string) => Addresses;

/** `sun_path` of a Unix socket holds 108 bytes with its final zero. */
const MAX_SOCKET_PATH_BYTES = 107;
/** The ledger socket is the live port plus this. */
const LEDGER_PORT_OFFSET = 100;

export function ipcAddresses(home: string): AddressBook {
  return (emitter) => {
    const path = join(home, "run", `${emitter}.ledger`);
    if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
      throw new AddressError(
        path,
        `socket paths may have ${String(MAX_SOCKET_PATH_BYTES)} bytes; choose a shorter home (--home or KLOROS_HOME)`,
      );
    }
    return { live: `ipc://${join(home, "run", `${emitter}.pub`)}`, ledger: `ipc://${path}` };
  };
}

/** Plain TCP never leaves the machine. */
export function tcpAddresses(daemons: readonly DaemonInfo[], host = "127.0.0.1"): AddressBook {
  if (host !== "127.0.0.1" && host !== "::1") {
    throw new AddressError(
      host,
      "TCP without encryption is refused beyond loopback; use 127.0.0.1 or transport: ipc",
    );
  }
  return (emitter) => {
    const port = daemons.find((daemon) => daemon.name === emitter)?.port;
    if (port === undefined)
      throw new AddressError(emitter, "no port for this daemon in the roster (daemons.json)");
    return {
      live: `tcp://${host}:${String(port)}`,
      ledger: `tcp://${host}:${String(port + LEDGER_PORT_OFFSET)}`,
    };
  };
}
