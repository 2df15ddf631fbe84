import { expect, test } from "vitest";
import { checkData, type ParametersSchema } from "../../src/control/parameters.ts";
import { newHome, testControl } from "./control-kit.ts";

interface Help {
  readonly event: string;
  readonly summary: string;
  readonly parameters: ParametersSchema["properties"];
  readonly required: readonly string[];
  readonly examples: readonly { event: string; data: Record<string, unknown> }[];
}

const EVENTS = [
  ...["system:health", "system:discover", "system:help", "system:shutdown"],
  ...[
    "signal:emit",
    "signal:subscribe",
    "signal:unsubscribe",
    "signal:pause",
    "signal:resume",
    "signal:paused",
  ],
  ...["log:level", "state:get", "state:set", "state:delete", "state:list"],
  ...["push", "pop", "get", "set", "delete", "queue_length"].map((name) => `async_state:${name}`),
  ...["get_events", "get_stats", "clear_log", "subscribe"].map((name) => `monitor:${name}`),
  ...[
    "checkpoint:create",
    "checkpoint:list",
    "checkpoint:restore",
    "shutdown:register",
    "shutdown:acknowledge",
  ],
];

test("every event is listed and explained, and its examples are valid requests", async () => {
  const { ask } = await testControl();
  const { events } = await ask<{ events: Help[] }>("system:discover");
  expect(events.map(({ event }) => event).toSorted()).toEqual(EVENTS.toSorted());
  const all = await ask<Help[]>("system:help");
  expect(all).toHaveLength(EVENTS.length);
  for (const help of all) {
    expect(help.summary, help.event).toMatch(/[.}`]$/);
    expect(help.examples.length, help.event).toBeGreaterThan(0);
    for (const [name, schema] of Object.entries(help.parameters))
      expect(schema.description, `${help.event} ${name}`).toBeTruthy();
    for (const { data } of help.examples)
      expect(
        checkData({ properties: help.parameters, required: help.required }, data),
        help.event,
      ).toMatchObject({
        kind: "valid",
      });
  }
  expect(await ask("system:help", { event: "state:set" })).toMatchObject({ required: ["key", "value"] });
  await expect(ask("system:help", { event: "state:sett" })).rejects.toThrow("did you mean state:set?");
  await expect(ask("state:gte", {})).rejects.toThrow("state:gte is unknown here: did you mean state:get?");
  await expect(ask("system:health", { verbose: true })).rejects.toThrow("this event takes nothing");
});

test("a daemon's own events are checked and explained when they say what they take, and stand beside plain functions", async () => {
  const { ask } = await testControl({
    own: {
      "hello:plain": (data) => ({ data }),
      "hello:say": {
        summary: "Says something.",
        parameters: {
          properties: {
            words: { type: "array", items: { type: "string" }, description: "What." },
            loud: { type: "boolean", default: false },
          },
          required: ["words"],
        },
        examples: [{ words: ["hi"] }],
        answer: ({ words, loud }) => ({ said: (words as string[]).join(" "), loud }),
      },
    },
  });
  expect(await ask("hello:plain", [1])).toEqual({ data: [1] });
  expect(await ask("hello:say", { words: ["hi", "you"] })).toEqual({ said: "hi you", loud: false });
  await expect(ask("hello:say", { words: ["hi", 5], load: true })).rejects.toThrow(
    "hello:say: words[1] must be a string (got 5); load is unknown: did you mean loud?",
  );
  await expect(ask("hello:say")).rejects.toThrow("words is required: What.");
  expect(await ask("system:help", { event: "hello:say" })).toMatchObject({
    examples: [{ event: "hello:say", data: { words: ["hi"] } }],
  });
});

test("a signal is paused and resumed, also by a client, and what is paused is seen", async () => {
  const home = newHome();
  const seen: string[] = [];
  const guest = await testControl({
    home,
    setUp: (node) => node.on("Q_GREETING_SENT", (signal) => void seen.push(String(signal.facts["text"]))),
  });
  const greeter = await testControl({ home, daemon: "hello_greeter" });
  expect(await guest.ask("signal:pause", { signal: "Q_GREETING_SENT", for_s: 60 })).toMatchObject({
    signal: "Q_GREETING_SENT",
    until: expect.any(String) as unknown,
  });
  await greeter.ask("signal:emit", { signal: "Q_GREETING_SENT", facts: { text: "Hello" } });
  expect(await guest.ask("signal:paused")).toMatchObject({ paused: [{ signal: "Q_GREETING_SENT" }] });
  const deadline = performance.now() + 10_000;
  while (guest.node.stats().inbox === 0 && performance.now() < deadline) await guest.ask("system:health");
  expect(seen).toEqual([]);
  expect(await guest.ask("signal:resume", { signal: "Q_GREETING_SENT" })).toMatchObject({ resumed: true });
  while (seen.length === 0 && performance.now() < deadline) await guest.ask("system:health");
  expect(seen).toEqual(["Hello"]);
  await expect(greeter.ask("signal:pause", { signal: "Q_GREETING_SENT" })).rejects.toThrow(
    "hello_greeter does not handle Q_GREETING_SENT: it handles none",
  );
  await expect(guest.ask("signal:pause", { signal: "Q_GREETING_SEND" })).rejects.toThrow("did you mean");
});

test("the log level is set, for a while or until the next start", async () => {
  const { ask, log } = await testControl();
  expect(await ask("log:level", { level: "debug", for_s: 600 })).toMatchObject({
    level: "debug",
    previous: "info",
    configured: "info",
    until: expect.closeTo(Date.now() / 1000 + 600, -2) as unknown,
  });
  expect(log.level).toBe("debug");
  await ask("log:level", { level: "trace", for_s: 1 });
  const deadline = performance.now() + 10_000;
  while (log.level !== "info" && performance.now() < deadline) await ask("log:level");
  expect(await ask("log:level")).toMatchObject({ level: "info", until: null });
  await expect(ask("log:level", { level: "loud" })).rejects.toThrow("level must be one of trace, debug");
});

test("what needs the node is refused while the daemon starts or stops, with a code; what does not is answered", async () => {
  const { ask, withoutNode } = await testControl();
  withoutNode();
  const notReady = expect.objectContaining({ daemonCode: "E_DAEMON_NOT_READY" }) as unknown;
  for (const [event, data] of [
    ["state:set", { key: "k", value: 1 }],
    ["state:get", { key: "k" }],
    ["async_state:pop", { queue_name: "q" }],
    ["signal:paused", {}],
    ["checkpoint:create", {}],
  ] as const)
    await expect(ask(event, data), event).rejects.toEqual(notReady);
  expect(await ask("system:health")).toMatchObject({ state: "ready" });
});
