/** What a client needs to know of the emitters: where they are, and by which key to know them. */
import { hostname } from "node:os";
import { type Contracts, portsOf, readKeys } from "@kloros/bus";
import { settingsOf } from "../program/command-transport.ts";

/** Bound to all interfaces; a client needs a name. */
const EVERYWHERE = ["0.0.0.0", "::"];

export interface Endpoint {
  readonly name: string;
  readonly live: string;
  readonly ledger: string;
  /** Z85: the `curve_serverkey` of a client. */
  readonly public_key: string;
}

export interface OtherSide {
  readonly transport: "ipc" | "tcp";
  readonly emitters: readonly Endpoint[];
}

/** Emitters without a key are left out: they do not run over TCP. */
export async function otherSide(home: string, contracts: Contracts): Promise<OtherSide> {
  const { transport, tcp_host, tcp_port_offset } = (await settingsOf(home)).common;
  const { allowed } = readKeys(home);
  const reachable = EVERYWHERE.includes(tcp_host) ? hostname() : tcp_host;
  const host = reachable.includes(":") ? `[${reachable}]` : reachable;
  const emitters = [...portsOf(contracts.daemons, tcp_port_offset)].flatMap(([name, { live, ledger }]) => {
    const key = allowed.find((one) => one.name === name);
    if (key === undefined) return [];
    const at = (port: number) => `tcp://${host}:${String(port)}`;
    return [{ name, live: at(live), ledger: at(ledger), public_key: key.public_key }];
  });
  return { transport, emitters };
}
