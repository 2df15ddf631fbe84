/** Where each emitter's two sockets are: files in the home's `run/`, which only the home's owner may enter. */
import { join } from "node:path";
import { AddressError } from "./errors.ts";

export interface Addresses {
  readonly live: string;
  readonly ledger: string;
}

export type AddressBook = (emitter: string) => Addresses;

/** `sun_path` of a Unix socket holds 108 bytes with its final zero. */
const MAX_SOCKET_PATH_BYTES = 107;

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
