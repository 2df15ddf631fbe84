import {
  type Client,
  connect,
  type ConnectOptions,
  EventError,
  MergeConflictError,
  RequestTimeoutError,
  RequestUnsendableError,
  ResultCountError,
} from "@kloros/client";
import { tmpdir } from "node:os";
import { expect, expectTypeOf, onTestFinished, test } from "vitest";
import { type FakeAnswer, fakeDaemon, SILENCE } from "./fake-daemon.ts";

declare module "@kloros/client" {
  interface ControlEvents {
    "greeter:greet": { request: { name: string }; response: { text: string } };
    "greeter:list": { request: Record<string, never>; response: readonly { name: string }[] };
  }
}

async function client(answer: FakeAnswer, options: Partial<ConnectOptions> = {}): Promise<Client> {
  const daemon = await fakeDaemon(answer);
  const connected = await connect({ home: daemon.home, daemon: daemon.name, ...options });
  onTestFinished(() => connected.close());
  return connected;
}

const MANY = [
  { name: "a", events: ["x"], value: 1 },
  { name: "b", events: ["y"], value: 2 },
];
/** Answers with what the event is called after. */
const echo: FakeAnswer = ({ event, data }) =>
  ({
    one: { name: "only", data },
    "list:one": [{ name: "only" }],
    many: MANY,
    none: null,
    empty: [],
    mixed: [{ name: "a" }, { error: "b failed" }, { name: "c" }],
    refused: Object.assign(new Error("no such thing"), { code: "E_NO_SUCH_THING" }),
  })[event];

test("send gives the answer as it came: an object, an array, or null", async () => {
  const asked = await client(echo);
  expect(await asked.send("one", { x: 1 })).toEqual({ name: "only", data: { x: 1 } });
  expect(await asked.send("many")).toEqual(MANY);
  expect(await asked.send("none")).toBeNull();
});

test("sendSingle wants exactly one result, also out of a list", async () => {
  const asked = await client(echo);
  expect(await asked.sendSingle("one")).toEqual({ name: "only", data: {} });
  expect(await asked.sendSingle("list:one")).toEqual({ name: "only" });
  await expect(asked.sendSingle("many")).rejects.toThrow(
    "many: 2 results from fake_daemon, exactly 1 was asked for",
  );
  await expect(asked.sendSingle("none")).rejects.toThrow(ResultCountError);
});

test("sendAll always gives an array, sendFirst its first or null", async () => {
  const asked = await client(echo);
  expect(await asked.sendAll("one")).toEqual([{ name: "only", data: {} }]);
  expect(await asked.sendAll("many")).toEqual(MANY);
  expect(await asked.sendAll("none")).toEqual([]);
  expect(await asked.sendFirst("many")).toEqual(MANY[0]);
  expect(await asked.sendFirst("empty")).toBeNull();
});

test("getValue takes one member of the first result, or the default; false, 0 and '' are values", async () => {
  const asked = await client(({ event, data }) =>
    event === "echo" ? data : echo({ event, data, correlation_id: "" }, {} as never),
  );
  expect(await asked.getValue("many", {})).toBe(1);
  expect(await asked.getValue("many", {}, { key: "name" })).toBe("a");
  expect(await asked.getValue("one", {}, { key: "missing", default: "d" })).toBe("d");
  expect(await asked.getValue("none", {}, { default: 7 })).toBe(7);
  expect(await asked.getValue("none", {})).toBeUndefined();
  for (const value of [false, 0, ""])
    expect(await asked.getValue("echo", { value }, { default: "d" })).toBe(value);
  expect(await asked.getValue("echo", { value: null }, { default: "d" })).toBe("d");
  await expect(asked.getValue("refused", {}, { default: "d" })).rejects.toThrow(EventError);
});

test("sendAndMerge joins lists, lays objects over each other, and does not hide what contradicts", async () => {
  const asked = await client(({ event, data }) => (event === "echo" ? data["results"] : MANY));
  expect(await asked.sendAndMerge("many", {}, { mergeKey: "events" })).toEqual(["x", "y"]);
  const merge = (results: unknown[], mergeKey?: string) =>
    asked.sendAndMerge("echo", { results }, mergeKey === undefined ? {} : { mergeKey });
  expect(await merge([{ a: 1 }, { b: 2 }, { a: 1 }])).toEqual({ a: 1, b: 2 });
  expect(await merge([{ m: { a: 1 } }, {}, { m: { b: 2 } }], "m")).toEqual({ a: 1, b: 2 });
  expect(await merge([], "m")).toEqual([]);
  await expect(merge([{ a: 1 }, { a: 2 }])).rejects.toThrow(MergeConflictError);
  await expect(merge([{ m: [1] }, { m: { b: 2 } }], "m")).rejects.toThrow("neither a list nor an object");
});

test("sendSuccessOnly leaves out what failed; sendWithErrors collects, warns, or fails fast", async () => {
  const warnings: string[] = [];
  const asked = await client(echo, {
    onWarning: ({ daemon, error }) => warnings.push(`${daemon} ${error.message}`),
  });
  expect(await asked.sendSuccessOnly("mixed")).toEqual([{ name: "a" }, { name: "c" }]);
  expect(await asked.sendSuccessOnly("refused")).toEqual([]);
  const collected = await asked.sendWithErrors("mixed", {});
  expect(collected.results).toEqual([{ name: "a" }, { name: "c" }]);
  expect(collected.errors).toMatchObject([{ daemon: "fake_daemon", error: { detail: "b failed" } }]);
  expect(warnings).toEqual([]);
  const warned = await asked.sendWithErrors("refused", {}, { errorMode: "warn" });
  expect(warned).toMatchObject({ results: [], errors: [{ error: { daemonCode: "E_NO_SUCH_THING" } }] });
  expect(warnings).toEqual(["fake_daemon refused: no such thing"]);
  await expect(asked.sendWithErrors("mixed", {}, { errorMode: "fail_fast" })).rejects.toThrow(
    "mixed: b failed",
  );
});

test("a refusal is an EventError that tells event, daemon, code and the daemon's own words", async () => {
  const asked = await client(echo);
  await expect(asked.send("refused")).rejects.toMatchObject({
    name: "EventError",
    code: "E_DAEMON_REFUSED",
    event: "refused",
    daemon: "fake_daemon",
    daemonCode: "E_NO_SUCH_THING",
    detail: "no such thing",
    message: "refused: no such thing",
  });
});

test("an event that the refusal names itself is named once", async () => {
  const asked = await client(() => new Error("put: key is required"));
  const once = { message: "put: key is required", detail: "key is required" };
  await expect(asked.send("put")).rejects.toMatchObject(once);
});

test("what is no daemon's name is refused before a socket is looked for", async () => {
  for (const daemon of ["../x", "", undefined])
    await expect(connect({ home: tmpdir(), daemon: daemon as string })).rejects.toThrow(
      "is no daemon's name",
    );
});

test("a late answer is a RequestTimeoutError, and the next request is not disturbed by it", async () => {
  const late: (() => void)[] = [];
  const asked = await client(({ event }) =>
    event === "slow" ? new Promise((resolve) => late.push(() => resolve("late"))) : "prompt",
  );
  await expect(asked.send("slow", {}, { timeoutMs: 30 })).rejects.toThrow(RequestTimeoutError);
  late[0]!();
  expect(await asked.send("quick")).toBe("prompt");
});

test("an abort rejects with its reason, before and while the answer is waited for", async () => {
  const asked = await client(() => SILENCE);
  const reason = new Error("enough");
  await expect(asked.send("x", {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const abort = new AbortController();
  const answer = asked.send("x", {}, { signal: abort.signal });
  abort.abort(reason);
  await expect(answer).rejects.toBe(reason);
});

test("what no daemon reads is refused before it is sent", async () => {
  const asked = await client(echo);
  const tooLong = asked.send("one", { text: "x".repeat(1024 * 1024) });
  await expect(tooLong).rejects.toThrow(RequestUnsendableError);
  await expect(tooLong).rejects.toThrow("put the bulk into a file");
  await expect(asked.send("one", { n: 1n })).rejects.toThrow("cannot be written as JSON");
  await expect(asked.sendSuccessOnly("one", { n: 1n })).rejects.toThrow(RequestUnsendableError);
});

test("known events are typed, users add their own, and unknown ones are unknown", async () => {
  const asked = await client(({ event }) =>
    event === "greeter:list" ? [{ name: "a" }] : { text: "hi", value: 1 },
  );
  expectTypeOf(asked.send("system:health")).resolves.toHaveProperty("daemon");
  expectTypeOf(asked.sendSingle("greeter:greet", { name: "x" })).resolves.toEqualTypeOf<{ text: string }>();
  expectTypeOf(asked.sendAll("greeter:list")).resolves.toEqualTypeOf<readonly { name: string }[]>();
  expectTypeOf(
    asked.getValue("greeter:greet", { name: "x" }, { key: "text", default: 0 }),
  ).resolves.toEqualTypeOf<string | number>();
  expectTypeOf(asked.send("other:event", { any: "thing" })).resolves.toBeUnknown();
  // @ts-expect-error name is missing
  await asked.send("greeter:greet", {});
  // @ts-expect-error data is missing
  await asked.send("greeter:greet");
});
