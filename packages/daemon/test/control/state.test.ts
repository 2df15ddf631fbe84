import fc from "fast-check";
import { expect, test } from "vitest";
import { KitClock, resumedMs } from "../../src/control/store/kit-clock.ts";
import { MAX_ENTRIES, MAX_VALUE_BYTES } from "../../src/control/store/limits.ts";
import { sizeOf } from "../../src/control/store/value.ts";
import { newHome, testControl } from "./control-kit.ts";

const code = (name: string) => expect.objectContaining({ daemonCode: name }) as unknown;

test("a value is there after a restart, in its namespace only, with type and version", async () => {
  const home = newHome();
  const first = await testControl({ home });
  expect(await first.ask("state:set", { key: "config", value: { theme: "dark" } })).toMatchObject({
    namespace: "default",
    created: true,
    version: 1,
    type: "object",
    expires_at: null,
  });
  await first.ask("state:set", { key: "config", value: 7, namespace: "jobs" });
  await first.close();
  const { ask } = await testControl({ home });
  expect(await ask("state:get", { key: "config" })).toMatchObject({
    found: true,
    value: { theme: "dark" },
    version: 1,
  });
  expect(await ask("state:get", { key: "config", namespace: "jobs" })).toMatchObject({
    value: 7,
    type: "integer",
  });
  expect(await ask("state:set", { key: "config", value: null })).toMatchObject({
    created: false,
    version: 3,
  });
  expect(await ask("state:get", { key: "config" })).toMatchObject({ found: true, value: null, type: "null" });
  expect(await ask("state:delete", { key: "config" })).toMatchObject({ deleted: true });
  expect(await ask("state:delete", { key: "config" })).toMatchObject({ deleted: false });
});

test("a missing key is found: false, or an error when it must exist", async () => {
  const { ask } = await testControl();
  expect(await ask("state:get", { key: "none" })).toEqual({
    namespace: "default",
    key: "none",
    found: false,
    value: null,
  });
  await expect(ask("state:get", { key: "none", must_exist: true })).rejects.toEqual(
    code("E_STATE_NOT_FOUND"),
  );
});

test("a number that would come back as null is refused", () => {
  expect(() => sizeOf("ns/key", JSON.parse('{"a": [1e400]}'))).toThrow("send it as a text");
  expect(sizeOf("ns/key", JSON.parse('{"a": [1e300]}'))).toBe(14);
});

test("a declared type holds for later values, until another is declared", async () => {
  const { ask } = await testControl();
  await ask("state:set", { key: "n", value: 1, type: "integer" });
  await expect(ask("state:set", { key: "n", value: "one" })).rejects.toEqual(code("E_STATE_TYPE"));
  await expect(ask("state:set", { key: "n", value: 1.5 })).rejects.toThrow(
    /must be of type integer \(got number\)/,
  );
  await ask("state:set", { key: "n", value: 1.5, type: "number" });
  expect(await ask("state:get", { key: "n" })).toMatchObject({ value: 1.5, type: "number" });
});

test("of many who set with the version that they read, one succeeds each time", async () => {
  const { ask } = await testControl();
  await ask("state:set", { key: "counter", value: 0 });
  const increase = async (): Promise<void> => {
    const { value, version } = await ask<{ value: number; version: number }>("state:get", { key: "counter" });
    const set = { key: "counter", value: value + 1, if_version: version };
    await ask("state:set", set).catch((error: unknown) => {
      expect(error).toEqual(code("E_STATE_VERSION"));
      return increase();
    });
  };
  await Promise.all(Array.from({ length: 12 }, increase));
  expect(await ask("state:get", { key: "counter" })).toMatchObject({ value: 12 });
  await expect(ask("state:set", { key: "counter", value: 0, if_absent: true })).rejects.toEqual(
    code("E_STATE_VERSION"),
  );
  await expect(ask("state:delete", { key: "counter", if_version: 1 })).rejects.toEqual(
    code("E_STATE_VERSION"),
  );
});

test("keys are listed by pattern in order, in pages, with their values where asked", async () => {
  const { ask } = await testControl();
  for (const key of ["a/1", "a/2", "a/3", "b/1", "ümlaut", "100%"])
    await ask("state:set", { key, value: key });
  expect(await ask("state:list", { pattern: "a/*" })).toMatchObject({
    keys: ["a/1", "a/2", "a/3"],
    more: false,
  });
  expect(await ask("state:list", { pattern: "?/1" })).toMatchObject({ keys: ["a/1", "b/1"] });
  expect(await ask("state:list", { pattern: "a/*", limit: 2 })).toMatchObject({
    keys: ["a/1", "a/2"],
    more: true,
  });
  expect(await ask("state:list", { pattern: "a/*", limit: 2, after: "a/2" })).toMatchObject({
    keys: ["a/3"],
    more: false,
  });
  expect(await ask("state:list", { pattern: "b*", values: true })).toMatchObject({
    entries: [{ key: "b/1", value: "b/1", type: "string" }],
  });
  expect(await ask("state:list", { namespaces: true })).toMatchObject({
    namespaces: [{ namespace: "default", entries: 6 }],
  });
});

test("an entry with a time to live is gone when it is over, and makes room", async () => {
  const { ask } = await testControl();
  await ask("state:set", { key: "lock", value: "me", ttl_s: 0.05, if_absent: true });
  const deadline = performance.now() + 5_000;
  while ((await ask<{ found: boolean }>("state:get", { key: "lock" })).found) {
    if (performance.now() > deadline) throw new Error("it did not expire");
  }
  expect(await ask("state:list", {})).toMatchObject({ keys: [] });
  expect(await ask("state:set", { key: "lock", value: "you", if_absent: true })).toMatchObject({
    created: true,
  });
});

test("bounds are named, and nothing is changed when one is reached", async () => {
  const { ask, node } = await testControl();
  await expect(ask("state:set", { key: "big", value: "x".repeat(MAX_VALUE_BYTES) })).rejects.toEqual(
    code("E_STORE_LIMIT"),
  );
  await expect(ask("state:set", { key: "ü".repeat(300), value: 1 })).rejects.toThrow(/the key has 600 bytes/);
  expect(node.state.list("kit/")).toEqual([]);
  await node.transact(({ state }) => {
    state.put("kit/namespace/full", { entries: MAX_ENTRIES, bytes: 0 });
  });
  await expect(ask("state:set", { key: "k", value: 1, namespace: "full" })).rejects.toThrow(
    /namespace full has 5000 keys already/,
  );
});

test("a request that is wrong is told which member, and what to do", async () => {
  const { ask } = await testControl();
  const wrong: [object, string][] = [
    [{ value: 1 }, "key is required"],
    [{ key: "", value: 1 }, "key must be not empty"],
    [{ key: "a\u0000b", value: 1 }, "key must be of the form"],
    [{ key: "k", value: 1, namespace: "a/b" }, "namespace must be of the form"],
    [{ key: "k", value: 1, ttl: 5 }, "ttl is unknown: did you mean ttl_s?"],
    [{ key: "k", value: 1, ttl_s: -1 }, "ttl_s must be at least"],
    [{ key: "k", value: 1, type: "int" }, "type must be one of null, boolean, integer"],
    [["k", 1], "data must be an object"],
  ];
  for (const [data, message] of wrong) await expect(ask("state:set", data)).rejects.toThrow(message);
});

test("the clock of what expires never goes back and never skips, whatever happens to wall clock and machine", () => {
  const moment = { wall_ms: 1_000_000, boot_id: "a", uptime_ms: 50_000 };
  const saved = { ms: 700, ...moment };
  expect(resumedMs(undefined, moment)).toBe(0);
  expect(resumedMs(saved, { ...moment, wall_ms: 0, uptime_ms: 50_300 })).toBe(1_000);
  expect(resumedMs(saved, { ...moment, wall_ms: 9e9, uptime_ms: 50_300 })).toBe(1_000);
  expect(resumedMs(saved, { wall_ms: 1_000_400, boot_id: "b", uptime_ms: 10 })).toBe(1_100);
  expect(resumedMs(saved, { wall_ms: 1, boot_id: "b", uptime_ms: 10 })).toBe(700);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(10_000), fc.integer({ min: -1e6, max: 1e6 }), fc.boolean())),
      (lives) => {
        let [elapsed, wall, boot, uptime] = [0, 1e9, 0, 1e5];
        const moments = () => ({ wall_ms: wall, boot_id: String(boot), uptime_ms: uptime });
        let reading = new KitClock(undefined, { moment: moments, elapsedMs: () => elapsed }).reading();
        for (const [ran, jump, isReboot] of lives) {
          const clock = new KitClock(reading, { moment: moments, elapsedMs: () => elapsed });
          expect(clock.now()).toBeGreaterThanOrEqual(reading.ms);
          const before = clock.now();
          [elapsed, wall, uptime] = [elapsed + ran, wall + ran + jump, uptime + ran];
          expect(clock.now() - before).toBe(ran);
          reading = clock.reading();
          if (isReboot) [boot, uptime] = [boot + 1, 0];
        }
      },
    ),
  );
});
