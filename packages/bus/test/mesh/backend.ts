/** The transports on which every promise must hold. */
import { createServer, type AddressInfo } from "node:net";
import { freePortOffset, memoryTransport } from "../../src/testing/index.ts";
import { ipcTransport, meshTransport, socketLimits } from "../../src/transport/mesh-transport.ts";
import { DEFAULT_LIMITS, type BusLimits } from "../../src/protocol/limits.ts";
import { initKeys } from "../../src/transport/keys/key-store.ts";
import { zeroMqTransport } from "../../src/transport/zeromq.ts";
import type { AddressBook } from "../../src/transport/addresses.ts";
import type { Transport } from "../../src/transport/transport.ts";
import { meshContracts } from "./contracts.ts";

/** Makes the transport of one mesh, which all nodes of a test share. */
export type Backend = (home: string, limits?: Partial<BusLimits>) => Promise<Transport>;

export const memoryBackend: Backend = (_home, limits = {}) =>
  Promise.resolve(
    memoryTransport(
      limits.publishHighWaterMark === undefined ? {} : { highWaterMark: limits.publishHighWaterMark },
    ),
  );

export const ipcBackend: Backend = (home, limits = {}) =>
  Promise.resolve(ipcTransport(home, { ...DEFAULT_LIMITS, ...limits }));

export const tcpBackend: Backend = async (_home, limits = {}) =>
  zeroMqTransport({ addresses: await freeAddresses(), ...socketLimits({ ...DEFAULT_LIMITS, ...limits }) });

/** As the daemons of a home with `transport: tcp` have it: each with keys of its own. */
export const curveBackend: Backend = async (home, limits = {}) => {
  const contracts = meshContracts();
  const tcp_port_offset = await freePortOffset(contracts.daemons);
  await initKeys(
    home,
    contracts.daemons.map(({ name }) => name),
  );
  const settings = { transport: "tcp", tcp_host: "127.0.0.1", tcp_port_offset, curve: true } as const;
  const own = new Map<string, Transport>();
  for (const { name } of contracts.daemons)
    own.set(
      name,
      await meshTransport({
        home,
        limits: { ...DEFAULT_LIMITS, ...limits },
        contracts,
        daemon: name,
        settings,
      }),
    );
  const of = (daemon: string): Transport => own.get(daemon) ?? ipcTransport(home, DEFAULT_LIMITS);
  return {
    openEmitter: (emitter, handlers) => of(emitter).openEmitter(emitter, handlers),
    connect: (emitter, topics, handlers) => of("left").connect(emitter, topics, handlers),
  };
};

/** Two free loopback ports for each daemon of the test mesh. */
export async function freeAddresses(): Promise<AddressBook> {
  const emitters = ["left", "right", "far", "warden"];
  const servers = await Promise.all(
    emitters
      .flatMap(() => [0, 0])
      .map(
        () =>
          new Promise<ReturnType<typeof createServer>>((resolve) => {
            const server = createServer();
            server.listen(0, "127.0.0.1", () => {
              resolve(server);
            });
          }),
      ),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return (emitter) => {
    const at = emitters.indexOf(emitter) * 2;
    return {
      live: `tcp://127.0.0.1:${String(ports[at])}`,
      ledger: `tcp://127.0.0.1:${String(ports[at + 1])}`,
    };
  };
}
