/** What a host name in the settings means on this machine, and whether it leaves the machine. */
import { lookup } from "node:dns/promises";
import { BlockList } from "node:net";
import { TransportRefusedError } from "./errors.ts";

export interface ResolvedHost {
  /** To be bound to. */
  readonly address: string;
  /** Where this machine itself reaches it. */
  readonly nearby: string;
  readonly family: 4 | 6;
  /** Nobody outside this machine can reach it. */
  readonly loopback: boolean;
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");
/** What is bound to all interfaces is reached by the loopback one. */
const NEARBY: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** A name with several addresses is loopback only if all of them are; version 4 is preferred, so that all daemons choose alike. */
export async function resolveHost(host: string): Promise<ResolvedHost> {
  if (host.trim() === "")
    throw new TransportRefusedError("tcp_host is empty: set 127.0.0.1, or leave it out");
  const found = await lookup(host, { all: true }).catch((cause: unknown) => {
    throw new TransportRefusedError(`tcp_host ${host} does not resolve to an address of this machine`, {
      cause,
    });
  });
  const chosen = found.find(({ family }) => family === 4) ?? found[0];
  if (chosen === undefined) throw new TransportRefusedError(`tcp_host ${host} has no address`);
  return {
    address: chosen.address,
    nearby: NEARBY[chosen.address] ?? chosen.address,
    family: chosen.family === 6 ? 6 : 4,
    loopback: found.every(({ address, family }) => LOOPBACK.check(address, family === 6 ? "ipv6" : "ipv4")),
  };
}
