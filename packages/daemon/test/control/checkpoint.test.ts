import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MAX_CHECKPOINT_ITEMS, MAX_CHECKPOINTS } from "../../src/control/store/limits.ts";
import { newHome, testControl } from "./control-kit.ts";

const code = (name: string) => expect.objectContaining({ daemonCode: name }) as unknown;
const Q = { namespace: "jobs", queue_name: "todo" };

test("a checkpoint puts back namespaces and queues as they were, once, and leaves others alone", async () => {
  const home = newHome();
  const first = await testControl({ home });
  await first.ask("state:set", { key: "a", value: 1, type: "integer" });
  await first.ask("state:set", { key: "short", value: 1, ttl_s: 3_600 });
  await first.ask("async_state:set", { ...Q, value: ["x", "y"] });
  const { id } = await first.ask<{ id: string }>("checkpoint:create", { note: "before" });
  const file = join(home, "checkpoints", "hello_guest", `${id}.json`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await first.ask("state:set", { key: "a", value: 2 });
  await first.ask("state:set", { key: "b", value: 3 });
  await first.ask("state:set", { key: "c", value: 4, namespace: "other" });
  await first.ask("async_state:pop", Q);
  expect(await first.ask("checkpoint:restore", { id })).toMatchObject({ id, keys: 2, values: 2 });
  await first.close();
  const { ask } = await testControl({ home });
  expect(await ask("state:list", { values: true })).toMatchObject({
    entries: [
      { key: "a", value: 1, type: "integer", expires_at: null },
      { key: "short", value: 1, expires_at: expect.closeTo(Date.now() / 1000 + 3_600, -2) as unknown },
    ],
  });
  expect(await ask("state:get", { key: "c", namespace: "other" })).toMatchObject({ value: 4 });
  expect(await ask("async_state:get", { ...Q, limit: 5 })).toMatchObject({ values: ["x", "y"] });
  await expect(ask("checkpoint:restore", { id })).rejects.toEqual(code("E_CHECKPOINT_RESTORED"));
  await ask("state:set", { key: "a", value: 9 });
  await ask("checkpoint:restore", { id, again: true });
  expect(await ask("state:get", { key: "a" })).toMatchObject({ value: 1 });
  expect(await ask("checkpoint:list")).toMatchObject([
    { id, note: "before", restored_at: expect.stringMatching(/^\d{4}-/) as unknown },
  ]);
});

test("only what was named is saved; a file that was changed, is missing or is another daemon's is refused", async () => {
  const { home, ask } = await testControl();
  await ask("state:set", { key: "a", value: 1 });
  await ask("state:set", { key: "a", value: 1, namespace: "jobs" });
  const made = await ask<{ id: string }>("checkpoint:create", {
    namespaces: ["jobs"],
    queues: ["jobs/todo"],
  });
  expect(made).toMatchObject({ namespaces: ["jobs"], queues: ["jobs/todo"] });
  const file = join(home, "checkpoints", "hello_guest", `${made.id}.json`);
  const whole = readFileSync(file, "utf8");
  writeFileSync(file, whole.replace('"value":1', '"value":2'));
  await expect(ask("checkpoint:restore", { id: made.id })).rejects.toThrow(
    /is damaged \(its checksum is another\)/,
  );
  expect(await ask("checkpoint:list")).toMatchObject([
    { id: made.id, problem: expect.stringContaining("damaged") as unknown },
  ]);
  writeFileSync(file, whole.slice(0, 40));
  await expect(ask("checkpoint:restore", { id: made.id })).rejects.toEqual(code("E_CHECKPOINT"));
  await expect(ask("checkpoint:restore", { id: made.id.replace(/.{6}$/, "000000") })).rejects.toThrow(
    /there is no checkpoint/,
  );
  await expect(ask("checkpoint:restore", { id: "../../mesh" })).rejects.toThrow(/id must be of the form/);
});

test("checkpoints are bounded in number and size", async () => {
  const { home, ask, node } = await testControl();
  for (let n = 0; n < MAX_CHECKPOINTS + 2; n++) await ask("checkpoint:create", { note: String(n) });
  expect(readdirSync(join(home, "checkpoints", "hello_guest"))).toHaveLength(MAX_CHECKPOINTS);
  expect(await ask<{ note: string }[]>("checkpoint:list").then(([oldest]) => oldest?.note)).toBe("2");
  await node.transact(({ state }) => {
    state.put("kit/queues/jobs/todo", { lane: 1, first: 0, next: MAX_CHECKPOINT_ITEMS + 1, bytes: 1 });
  });
  await expect(ask("checkpoint:create")).rejects.toThrow(/too much for one checkpoint.*name some namespaces/);
});
