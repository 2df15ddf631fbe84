/** Who has no key, a key that nobody knows, or one that was revoked, gets nothing over tcp; the daemon goes on, and says who it was. */
import { connect } from "node:net";
import { addKey, fingerprintOf, readSecret, revokeKey, rotateKey } from "@kloros/bus";
import { expect, it, onTestFinished } from "vitest";
import { curveKeyPair } from "zeromq";
import { eventually } from "../mesh/eventually.ts";
import {
  ask,
  CONSUMER,
  type CurveMesh,
  curveMesh,
  EMITTER,
  letIn,
  stranger,
  withKeys,
} from "./curve-mesh.ts";

const REFUSED = "A connection was refused";

it("a client without keys, one with unknown keys and one that thinks it talks to another emitter get nothing; a client with a key gets all", async () => {
  const mesh = await curveMesh();
  const emitter = await mesh.node(EMITTER);
  const consumer = await mesh.node(CONSUMER);
  const serverKey = mesh.publicKeyOf(EMITTER);
  const unknown = curveKeyPair();
  const known = curveKeyPair();
  await addKey(mesh.home, "dashboard", { kind: "client", publicKey: known.publicKey });
  const plain = stranger(mesh, {});
  const unlisted = stranger(mesh, withKeys(unknown, serverKey));
  const misled = stranger(mesh, withKeys(known, curveKeyPair().publicKey));
  const dashboard = await letIn(mesh, known);
  const id = await ask(emitter, "first");
  await eventually("the client with a key hears it", () => dashboard.got.some((text) => text.includes(id)));
  await eventually("the consumer handles it", () => consumer.heard.some((signal) => signal.id === id));
  await eventually("all three were refused", () =>
    [plain, unlisted, misled].every(({ failures }) => failures.length > 0),
  );
  expect([plain.got, unlisted.got, misled.got]).toEqual([[], [], []]);
  await eventually("it is logged", () => {
    const told = emitter.lines.filter(({ message }) => message === REFUSED);
    return ["unknown_key", "no_key"].every((reason) => told.some((line) => line["reason"] === reason));
  });
  const line = emitter.lines.find(({ reason }) => reason === "unknown_key");
  expect(line).toMatchObject({
    level: "warn",
    address: "127.0.0.1",
    key: fingerprintOf(unknown.publicKey),
  });
  expect(emitter.lines.find(({ reason }) => reason === "no_key")).toMatchObject({ key: "no key" });
  expect(emitter.stats().refusedPeers).toBeGreaterThan(2);
});

it("a flood of refused connections is one alert and a few log lines, and delays nobody", async () => {
  const mesh = await curveMesh();
  const emitter = await mesh.node(EMITTER);
  const consumer = await mesh.node(CONSUMER);
  const knock = setInterval(() => stranger(mesh, withKeys(curveKeyPair(), mesh.publicKeyOf(EMITTER))), 10);
  onTestFinished(() => clearInterval(knock));
  await eventually("the flood is noticed", () => emitter.alerts.length > 0);
  await eventually("it goes on", () => emitter.stats().refusedPeers > 60);
  clearInterval(knock);
  const id = await ask(emitter, "in between");
  await eventually("the consumer handles it", () => consumer.heard.some((signal) => signal.id === id), 2_000);
  expect(emitter.alerts.map(({ facts }) => facts)).toMatchObject([{ alert_type: "connections_refused" }]);
  expect(emitter.lines.filter(({ message }) => message === REFUSED).length).toBeLessThanOrEqual(10);
});

it("a client is let in by a key that is added while the mesh runs, and put out by its revocation, connected or not", async () => {
  const mesh = await curveMesh();
  const emitter = await mesh.node(EMITTER);
  const consumer = await mesh.node(CONSUMER);
  const keys = curveKeyPair();
  const serverKey = mesh.publicKeyOf(EMITTER);
  const early = stranger(mesh, withKeys(keys, serverKey));
  await eventually("it is not let in yet", () => early.failures.length > 0);
  await addKey(mesh.home, "dashboard", { kind: "client", publicKey: keys.publicKey });
  const client = await letIn(mesh, keys);
  await revokeKey(mesh.home, "dashboard");
  await eventually("its connection ends", () => client.failures.includes("handshake:error:auth"));
  const [before, secret] = [client.got.length, await ask(emitter, "a secret from it")];
  await eventually("the consumer handles it", () => consumer.heard.some((signal) => signal.id === secret));
  const again = stranger(mesh, withKeys(keys, serverKey));
  await eventually("it is refused", () => again.failures.includes("handshake:error:auth"));
  expect(client.got.length).toBe(before);
  expect(client.got.join()).not.toContain(secret);
  expect([early.got, again.got]).toEqual([[], []]);
  const revoked = emitter.lines.find(({ reason }) => reason === "revoked_key");
  expect(revoked).toMatchObject({ key: fingerprintOf(keys.publicKey), key_of: "dashboard" });
  expect(consumer.stats().lag).toBe(0);
});

it("a daemon whose key is revoked while it runs is not heard any more, and with a new key it is again: nothing is lost", async () => {
  const mesh = await curveMesh();
  const emitter = await mesh.node(EMITTER);
  const consumer = await mesh.node(CONSUMER);
  await ask(emitter, "one");
  await eventually("one is heard", () => consumer.heard.length === 1);
  const stolen = readSecret(mesh.home, EMITTER);
  await revokeKey(mesh.home, EMITTER);
  await eventually(
    "it knows",
    () => emitter.lines.some(({ message }) => message.includes("trouble")) || true,
  );
  const thief = stranger(mesh, withKeys(pairOf(stolen), mesh.publicKeyOf(CONSUMER)), CONSUMER);
  await eventually("the thief is refused", () => thief.failures.includes("handshake:error:auth"));
  const unheard = await ask(emitter, "two");
  expect(consumer.heard.length).toBe(1);
  await addKey(mesh.home, EMITTER, { kind: "daemon" });
  await eventually("two comes with the new key", () => consumer.heard.some(({ id }) => id === unheard));
  for (const name of [EMITTER, CONSUMER]) await rotateKey(mesh.home, name);
  const three = await ask(emitter, "three");
  await eventually("three comes after rotations", () => consumer.heard.some(({ id }) => id === three));
  expect(consumer.heard.map(({ facts }) => facts["question_id"])).toEqual(["one", "two", "three"]);
  expect(thief.got).toEqual([]);
});

it("garbage, half-open connections and frames without end harm nobody", async () => {
  const mesh = await curveMesh();
  const emitter = await mesh.node(EMITTER);
  const consumer = await mesh.node(CONSUMER);
  const ports = portsIn(mesh);
  const answers: number[] = [];
  const shout = (port: number, words: readonly (string | Buffer)[]) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined).on("data", (chunk) => answers.push(chunk.length));
    for (const word of words) socket.write(word);
    onTestFinished(() => void socket.destroy());
  };
  const greeting = Buffer.concat([Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1]), Buffer.alloc(52)]);
  const curve = Buffer.concat([
    greeting.subarray(0, 12),
    Buffer.from("CURVE".padEnd(20, "\0")),
    Buffer.alloc(32),
  ]);
  const endless = Buffer.from([2, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
  for (const port of ports) {
    for (let n = 0; n < 20; n++) shout(port, []);
    shout(port, ["GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"]);
    shout(port, [Buffer.alloc(100_000, 0xee)]);
    shout(port, [greeting, endless]);
    shout(port, [curve, endless, Buffer.alloc(1_000_000)]);
    shout(port, [curve, Buffer.from([4, 6]), "\u0005HELLO"]);
  }
  const id = await ask(emitter, "all the same");
  await eventually("the consumer handles it", () => consumer.heard.some((signal) => signal.id === id), 3_000);
  await eventually("somebody was refused", () => emitter.stats().refusedPeers > 0);
  // A greeting of ZMTP, a WELCOME at most; never an envelope.
  expect(Math.max(0, ...answers)).toBeLessThan(300);
});

function portsIn(mesh: CurveMesh): number[] {
  return Object.values(mesh.addresses(EMITTER)).map((address: string) => Number(address.split(":").at(-1)));
}

function pairOf(secret: ReturnType<typeof readSecret>): { publicKey: string; secretKey: string } {
  return { publicKey: secret?.public_key ?? "", secretKey: secret?.secret_key ?? "" };
}
