/** A source is believed only from the emitter's own endpoint: neither a squatter on its port nor a liar with a key of its own gets through. */
import { expect, it, onTestFinished } from "vitest";
import { curveKeyPair, Publisher, Router } from "zeromq";
import { eventually } from "../mesh/eventually.ts";
import { ask, CONSUMER, contracts, type CurveMesh, curveMesh, EMITTER, SIGNAL } from "./curve-mesh.ts";

const FORGED = "0190b3c0-aaaa-7bbb-8ccc-00000000f0f0";

it.each([
  ["without CURVE", () => ({})],
  ["with keys of its own", () => ({ curveServer: true, curveSecretKey: curveKeyPair().secretKey })],
])(
  "who has bound an emitter's ports first, %s, is not believed; the emitter is when it comes",
  async (_how, keys) => {
    const mesh = await curveMesh();
    const squatter = await squat(mesh, keys());
    const consumer = await mesh.node(CONSUMER);
    squatter.shout();
    await eventually("the consumer says so", () =>
      consumer.alerts.some(
        ({ facts }) => (facts as { alert_type?: string }).alert_type === "emitter_not_genuine",
      ),
    );
    await expect(mesh.node(EMITTER)).rejects.toMatchObject({ code: "E_ADDRESS" });
    expect(consumer.heard).toEqual([]);
    squatter.leave();
    const emitter = await eventually("the ports are free", () => mesh.node(EMITTER).catch(() => null));
    const id = await ask(emitter, "genuine");
    await eventually("the genuine emitter is heard", () => consumer.heard.some((signal) => signal.id === id));
    expect(consumer.heard.map((signal) => signal.id)).toEqual([id]);
  },
);

it("an emitter with a key of its own that speaks in the name of another is not believed, live or from its ledger", async () => {
  const mesh = await curveMesh();
  const liar = "capability_integrator_daemon";
  const transport = await mesh.transportOf(EMITTER);
  const lines = `${forged({ source: liar })}\n`;
  const end = await transport.openEmitter(EMITTER, {
    onSubscription: () => undefined,
    onRequest: (peer, frames) => {
      const asked = JSON.parse(Buffer.from(frames[0] ?? "").toString()) as { t: string; req: number };
      const names = { [SIGNAL]: { last: 1, count: 1, pruned: 0 } };
      if (asked.t === "hello") end.reply(peer, [json({ t: "welcome", ...welcome(), names })]);
      if (asked.t === "fetch")
        end.reply(peer, [
          json({ t: "batch", req: asked.req, epoch: "e1", first: 1, last: 1, upto: 1, names, corrupt: [] }),
          Buffer.from(lines),
        ]);
    },
  });
  onTestFinished(() => end.close());
  const consumer = await mesh.node(CONSUMER);
  const speaking = setInterval(() => end.publish(SIGNAL, Buffer.from(lines)), 50);
  onTestFinished(() => clearInterval(speaking));
  await eventually("the consumer says so", () =>
    consumer.alerts.find(
      ({ facts }) => (facts as { alert_type?: string }).alert_type === "emitter_not_believed",
    ),
  );
  await eventually(
    "the line of its ledger is a dead letter, and passed",
    () => consumer.stats().deadLettered === 1,
  );
  expect(consumer.heard).toEqual([]);
});

it("a signal that its contract does not let the emitter emit is not handled, whoever sends it", async () => {
  const mesh = await curveMesh();
  const wrong = "winner_deployer_daemon";
  expect(contracts.emittersOf(SIGNAL)).not.toContain(wrong);
  const transport = await mesh.transportOf(wrong);
  const end = await transport.openEmitter(wrong, {
    onSubscription: () => undefined,
    onRequest: () => undefined,
  });
  onTestFinished(() => end.close());
  const consumer = await mesh.node(CONSUMER);
  const emitter = await mesh.node(EMITTER);
  for (let n = 0; n < 5; n++) end.publish(SIGNAL, Buffer.from(`${forged({ source: wrong })}\n`));
  const id = await ask(emitter, "allowed");
  await eventually("the allowed one is heard", () => consumer.heard.length > 0);
  expect(consumer.heard.map((signal) => signal.id)).toEqual([id]);
});

async function squat(mesh: CurveMesh, keys: object) {
  const { live, ledger } = mesh.addresses(EMITTER);
  const [publisher, router] = [new Publisher({ linger: 0, ...keys }), new Router({ linger: 0, ...keys })];
  await publisher.bind(live);
  await router.bind(ledger);
  let timer: NodeJS.Timeout | undefined;
  let open = true;
  const leave = () => {
    if (!open) return;
    open = false;
    clearInterval(timer);
    publisher.close();
    router.close();
  };
  onTestFinished(leave);
  return {
    leave,
    shout: () => {
      timer = setInterval(() => {
        publisher.send([SIGNAL, `${forged({ source: EMITTER })}\n`]).catch(() => undefined);
      }, 20);
    },
  };
}

function welcome(): object {
  const [emitter, epochs] = [EMITTER, [{ epoch: "e1", first: 1 }]];
  return { emitter, epochs, first: 1, last: 1, mismatch: [] };
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function forged({ source }: { readonly source: string }): string {
  const facts = { question: "Will you believe me?", question_id: "forged", priority: "normal", evidence: [] };
  const story = { correlation_id: FORGED, causation_id: null };
  const traceparent = "00-0190b3c0aaaa7bbb8ccc00000000f0f0-8ccc00000000f0f0-01";
  const timestamp = new Date().toISOString();
  const position = { epoch: "e1", seq: 1, prev: 0 };
  const version = 1;
  return JSON.stringify({
    signal: SIGNAL,
    id: FORGED,
    timestamp,
    source,
    facts,
    version,
    priority: "normal",
    ...story,
    traceparent,
    ...position,
  });
}
