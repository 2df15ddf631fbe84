/** Ports of a roster, used with `transport: tcp`: PUB on the port, the ledger 100 above. Pure. */
import type { DaemonInfo } from "@kloros/bus";

/** Users' own daemons begin here, above the shipped ones and their ledgers. */
const FIRST_PORT = 7901;
const LEDGER_ABOVE = 100;

/** The first port that neither is taken nor meets a ledger. */
export function freePort(daemons: readonly Pick<DaemonInfo, "port">[]): number {
  const taken = new Set(daemons.flatMap(({ port }) => [port, port + LEDGER_ABOVE]));
  let port = FIRST_PORT;
  while (taken.has(port) || taken.has(port + LEDGER_ABOVE)) port++;
  return port;
}
