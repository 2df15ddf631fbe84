/** Which transport the settings lead to, and which are refused before anything is bound. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Subscriber } from "zeromq";
import { DEFAULT_LIMITS } from "../../src/protocol/limits.ts";
import { freePortOffset } from "../../src/testing/index.ts";
import { portsOf } from "../../src/transport/addresses.ts";
import { initKeys } from "../../src/transport/keys/key-store.ts";
import { meshTransport, type TransportSettings } from "../../src/transport/mesh-transport.ts";
import { peersIn } from "../../src/transport/recently-closed.ts";
import { meshContracts } from "../mesh/contracts.ts";

const contracts = meshContracts();
const NOBODY = { onRequest: () => undefined, onSubscription: () => undefined };

function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), "kloros-tcp-"));
  onTestFinished(() => {
    rmSync(home, { recursive: true, force: true });
  });
  return home;
}

const open = (home: string, settings: Partial<TransportSettings>) =>
  meshTransport({
    home,
    limits: DEFAULT_LIMITS,
    contracts,
    daemon: "left",
    settings: { transport: "tcp", tcp_host: "127.0.0.1", tcp_port_offset: 0, curve: true, ...settings },
  });

test.each(["0.0.0.0", "::", "0", "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"])(
  "plain tcp on %s is refused: it leaves the machine",
  async (tcp_host) => {
    await expect(open(newHome(), { tcp_host, curve: false })).rejects.toMatchObject({
      code: "E_TRANSPORT_REFUSED",
      message: expect.stringContaining("curve: true") as string,
    });
  },
);

test.each(["*", "no.such.host.invalid", "", "127.0.0.1:80"])("%j is no host", async (tcp_host) => {
  await expect(open(newHome(), { tcp_host })).rejects.toMatchObject({ code: "E_TRANSPORT_REFUSED" });
});

test.each(["127.0.0.1", "127.8.9.10", "::1", "localhost"])(
  "plain tcp on %s is carried out: it stays on the machine",
  async (tcp_host) => {
    const tcp_port_offset = await freePortOffset(contracts.daemons);
    const transport = await open(newHome(), { tcp_host, curve: false, tcp_port_offset });
    const emitter = await transport.openEmitter("left", NOBODY);
    const heard = new Promise<string>((resolve) => {
      const end = transport.connect("left", ["Q_TEST_PING"], {
        onLive: (topic, payload) => {
          resolve(`${topic} ${Buffer.from(payload).toString()}`);
        },
        onReply: () => undefined,
        onGarbage: () => undefined,
      });
      onTestFinished(() => end.close());
    });
    const speaking = setInterval(() => emitter.publish("Q_TEST_PING", Buffer.from("hello")), 10);
    expect(await heard).toBe("Q_TEST_PING hello");
    clearInterval(speaking);
    await emitter.close();
  },
);

test("with CURVE an address that others reach is carried out; without keys it is not, and says what to do", async () => {
  const home = newHome();
  const tcp_port_offset = await freePortOffset(contracts.daemons);
  const everywhere = { tcp_host: "0.0.0.0", tcp_port_offset };
  await expect(open(home, everywhere)).rejects.toMatchObject({ code: "E_KEYS_MISSING" });
  await initKeys(home, ["left"]);
  const emitter = await (await open(home, everywhere)).openEmitter("left", NOBODY);
  await emitter.close();
});

test("a port that somebody else has is said, with the address", async () => {
  const tcp_port_offset = await freePortOffset(contracts.daemons);
  const squatter = new Subscriber();
  onTestFinished(() => {
    squatter.close();
  });
  const port = portsOf(contracts.daemons, tcp_port_offset).get("left")?.ledger ?? 0;
  await squatter.bind(`tcp://127.0.0.1:${String(port)}`);
  const transport = await open(newHome(), { curve: false, tcp_port_offset });
  await expect(transport.openEmitter("left", NOBODY)).rejects.toThrow(
    new RegExp(`^tcp://127.0.0.1:${String(port)}: cannot be bound \\(EADDRINUSE\\).*tcp_port_offset`, "u"),
  );
  await squatter.unbind(`tcp://127.0.0.1:${String(port)}`);
  await (await transport.openEmitter("left", NOBODY)).close();
});

test("ports that are none, or that two sockets would share, are refused", () => {
  const daemon = (name: string, port: number) => ({ name, port, package: name, description: name });
  expect(() => portsOf([daemon("a", 7777)], 60_000)).toThrow(/tcp_port_offset/);
  expect(() => portsOf([daemon("a", 7777), daemon("b", 7877)], 0)).toThrow(/7877 .* is also that of a/);
  expect(portsOf([daemon("a", 7777)], 10).get("a")).toEqual({ live: 7787, ledger: 7887 });
});

test("where a refused peer came from is read from the kernel's tables, in both versions of the protocol", () => {
  const table = `  sl  local_address rem_address   st
   0: 0100007F:1E61 00000000:0000 0A 00000000:00000000
   1: 0100007F:1E61 0200000A:9C40 06 00000000:00000000
   2: 0100007F:1E61 0300000A:9C41 01 00000000:00000000
   3: 0100007F:1E62 0400000A:9C42 06 00000000:00000000`;
  expect(peersIn(table, 7777)).toEqual(["10.0.0.2"]);
  const six = `  sl  local_address remote_address st
   0: 00000000000000000000000001000000:1E61 00000000000000000000000001000000:9C40 06
   1: 0000000000000000FFFF00000100007F:1E61 0000000000000000FFFF00000200000A:9C41 05`;
  expect(peersIn(six, 7777)).toEqual(["::1", "10.0.0.2"]);
});
