/** Ports for a mesh over TCP in a test: fixed ones would meet those of another test or of a real mesh. */
import { createServer, type Server } from "node:net";
import type { DaemonInfo } from "../signal/contract.ts";
import { portsOf } from "../transport/addresses.ts";

/** Below the range from which the kernel takes ports for outgoing connections. */
const LOWEST = 10_000;
const HIGHEST = 32_000;
const MAX_TRIES = 200;
const LOOPBACK = "127.0.0.1";

/** A `tcp_port_offset` with which every port of these daemons is free on the loopback interface at this moment. */
export async function freePortOffset(daemons: readonly DaemonInfo[]): Promise<number> {
  const first = Math.min(...daemons.map(({ port }) => port));
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const offset = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST)) - first;
    const ports = [...portsOf(daemons, offset).values()].flatMap(({ live, ledger }) => [live, ledger]);
    const servers = await Promise.all(ports.map(listen));
    await Promise.all(servers.map(close));
    if (servers.every((server) => server !== null)) return offset;
  }
  throw new Error(`no stretch of free ports was found in ${String(MAX_TRIES)} tries`);
}

function listen(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(null);
    });
    server.listen(port, LOOPBACK, () => {
      resolve(server);
    });
  });
}

function close(server: Server | null): Promise<unknown> {
  return new Promise((resolve) => {
    if (server === null) resolve(null);
    else server.close(resolve);
  });
}
