/** Where each emitter's two sockets are: files in the home's `run/`, which only the home's owner may enter, or the ports of the roster. */
import { join } from "node:path";
import type { DaemonInfo } from "../signal/contract.ts";
import { AddressError, TransportRefusedError } from "./errors.ts";

export interface Addresses {
  readonly live: string;
  readonly ledger: string;
}

export type AddressBook = (emitter: string) => Addresses;

/** `sun_path` of a Unix socket holds 108 bytes with its final zero. */
const MAX_SOCKET_PATH_BYTES = 107;
/** From an emitter's port to that of its ledger. */
const LEDGER_PORTS_AHEAD = 100;
const MAX_PORT = 65_535;

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

/** Ports of one emitter. */
export interface Ports {
  readonly live: number;
  readonly ledger: number;
}

/** By daemon. @throws {TransportRefusedError} two sockets would have the same port, or one would have none */
export function portsOf(daemons: readonly DaemonInfo[], offset: number): ReadonlyMap<string, Ports> {
  const owners = new Map<number, string>();
  const ports = new Map<string, Ports>();
  for (const { name, port } of daemons) {
    const own = { live: port + offset, ledger: port + LEDGER_PORTS_AHEAD + offset };
    for (const [what, number] of Object.entries(own)) {
      const where = `port ${String(number)} (${what} socket of ${name})`;
      const other = owners.get(number);
      if (number < 1 || number > MAX_PORT)
        throw new TransportRefusedError(
          `${where} is none: change tcp_port_offset or the port in daemons.json`,
        );
      if (other !== undefined)
        throw new TransportRefusedError(`${where} is also that of ${other}: change the port in daemons.json`);
      owners.set(number, name);
    }
    ports.set(name, own);
  }
  return ports;
}

/** `host` is an address, IPv4 or IPv6. */
export function tcpAddresses(host: string, ports: ReadonlyMap<string, Ports>): AddressBook {
  const at = host.includes(":") ? `[${host}]` : host;
  return (emitter) => {
    const own = ports.get(emitter);
    if (own === undefined) throw new AddressError(emitter, "has no port: it is in no daemons.json");
    return {
      live: `tcp://${at}:${String(own.live)}`,
      ledger: `tcp://${at}:${String(own.ledger)}`,
    };
  };
}
