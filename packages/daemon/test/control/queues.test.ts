import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_REMEMBERED, MAX_QUEUE_LENGTH } from "../../src/control/store/limits.ts";
import { newHome, rawClient, testControl } from "./control-kit.ts";

const Q = { namespace: "jobs", queue_name: "todo" };
const code = (name: string) => expect.objectContaining({ daemonCode: name }) as unknown;

test("values leave in the order in which they came, each once, also when thousands push and pop at once", async () => {
  const control = await testControl();
  const clients = await Promise.all([1, 2, 3, 4].map(() => rawClient(control.path)));
  const each = 400;
  for (const [c, client] of clients.entries())
    for (let n = 0; n < each; n++) client.send("async_state:push", { ...Q, value: [c, n] });
  for (const client of clients) for (let n = 0; n < each; n++) client.send("async_state:pop", Q);
  const popped: [number, number][] = [];
  for (const client of clients) {
    for (let n = 0; n < 2 * each; n++) {
      const { data, error } = await client.next();
      expect(error).toBeUndefined();
      if (data["found"] === true) popped.push(data["value"] as [number, number]);
    }
  }
  const left = await control.ask<{ length: number }>("async_state:queue_length", Q);
  const rest = await control.ask<{ values: [number, number][] }>("async_state:get", { ...Q, limit: 1_000 });
  expect(popped.length + left.length).toBe(4 * each);
  const all = [...popped, ...rest.values];
  for (let c = 0; c < 4; c++) {
    const own = all.filter(([of]) => of === c).map(([, n]) => n);
    expect(own.toSorted((a, b) => a - b)).toEqual(Array.from({ length: each }, (_, n) => n));
  }
});

test("looking leaves everything where it is; an empty queue is no error; null is a value", async () => {
  const { ask } = await testControl();
  expect(await ask("async_state:pop", Q)).toEqual({
    ...Q,
    found: false,
    value: null,
    length: 0,
    repeated: false,
  });
  expect(await ask("async_state:push", { ...Q, value: null })).toMatchObject({ length: 1 });
  expect(await ask("async_state:push", { ...Q, value: "b" })).toMatchObject({ length: 2 });
  expect(await ask("async_state:get", Q)).toMatchObject({
    found: true,
    value: null,
    values: [null],
    length: 2,
  });
  expect(await ask("async_state:get", { ...Q, limit: 5 })).toMatchObject({ values: [null, "b"] });
  expect(await ask("async_state:queue_length", {})).toEqual({ queues: [{ ...Q, length: 2 }] });
  expect(await ask("async_state:pop", Q)).toMatchObject({ found: true, value: null, length: 1 });
});

test("a pop or push that is asked for again by its request_id has the same answer and happens once, also after a restart", async () => {
  const home = newHome();
  const first = await testControl({ home });
  await first.ask("async_state:push", { ...Q, value: "a", request_id: "p1" });
  expect(await first.ask("async_state:push", { ...Q, value: "a", request_id: "p1" })).toMatchObject({
    length: 1,
    repeated: true,
  });
  await first.ask("async_state:push", { ...Q, value: "b" });
  const popped = await first.ask("async_state:pop", { ...Q, request_id: "w1" });
  expect(popped).toMatchObject({ value: "a", repeated: false });
  await first.close();
  const { ask } = await testControl({ home });
  expect(await ask("async_state:pop", { ...Q, request_id: "w1" })).toMatchObject({
    value: "a",
    repeated: true,
  });
  expect(await ask("async_state:queue_length", Q)).toMatchObject({ length: 1 });
  await expect(ask("async_state:pop", { ...Q, queue_name: "other", request_id: "w1" })).rejects.toEqual(
    code("E_REQUEST_ID_REUSED"),
  );
  // Nothing was taken, so the id is still free to take something later.
  await ask("async_state:pop", { ...Q, queue_name: "other", request_id: "w2" });
  await ask("async_state:push", { ...Q, queue_name: "other", value: 1 });
  expect(await ask("async_state:pop", { ...Q, queue_name: "other", request_id: "w2" })).toMatchObject({
    value: 1,
  });
});

test("remembered answers are bounded: the oldest makes room, and nothing stays behind", async () => {
  const control = await testControl();
  const client = await rawClient(control.path);
  const pushes = MAX_REMEMBERED + 20;
  for (let n = 0; n < pushes; n++) client.send("async_state:push", { ...Q, value: n, request_id: `r${n}` });
  for (let n = 0; n < pushes; n++) await client.next();
  expect(control.node.state.list("kit/answer/", 5_000)).toHaveLength(MAX_REMEMBERED);
  expect(control.node.state.list("kit/request/", 5_000)).toHaveLength(MAX_REMEMBERED);
});

test("a queue is replaced or emptied at once, whatever its length; what it held is removed bit by bit", async () => {
  const { ask, node } = await testControl();
  await ask("async_state:set", { ...Q, value: Array.from({ length: 500 }, (_, n) => n) });
  expect(await ask("async_state:set", { ...Q, value: ["x", "y"] })).toMatchObject({
    replaced: 500,
    length: 2,
  });
  expect(await ask("async_state:pop", Q)).toMatchObject({ value: "x", length: 1 });
  expect(await ask("async_state:delete", Q)).toMatchObject({ deleted: 1 });
  expect(await ask("async_state:delete", Q)).toMatchObject({ deleted: 0 });
  expect(await ask("async_state:queue_length", {})).toEqual({ queues: [] });
  expect(node.state.get("kit/books")).toMatchObject({ bytes: 0, queues: 0 });
});

test("a queue that is full refuses, and takes again when something was taken out", async () => {
  const { ask, node } = await testControl();
  await ask("async_state:push", { ...Q, value: 1 });
  await node.transact(({ state }) => {
    state.put("kit/queues/jobs/todo", { lane: 1, first: 0, next: MAX_QUEUE_LENGTH, bytes: 1 });
  });
  await expect(ask("async_state:push", { ...Q, value: 2 })).rejects.toEqual(code("E_STORE_LIMIT"));
  await ask("async_state:pop", Q);
  expect(await ask("async_state:push", { ...Q, value: 2 })).toMatchObject({ length: MAX_QUEUE_LENGTH });
});

test("whatever is asked of queues and keys, the books say what is there", async () => {
  const { ask, node } = await testControl();
  const name = fc.constantFrom("a", "b");
  const value = fc.jsonValue({ maxDepth: 1 });
  const request = fc.oneof(
    fc.record({ event: fc.constant("async_state:push"), data: fc.record({ queue_name: name, value }) }),
    fc.record({ event: fc.constant("async_state:pop"), data: fc.record({ queue_name: name }) }),
    fc.record({ event: fc.constant("async_state:delete"), data: fc.record({ queue_name: name }) }),
    fc.record({
      event: fc.constant("async_state:set"),
      data: fc.record({ queue_name: name, value: fc.array(value) }),
    }),
    fc.record({ event: fc.constant("state:set"), data: fc.record({ namespace: name, key: name, value }) }),
    fc.record({ event: fc.constant("state:delete"), data: fc.record({ namespace: name, key: name }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 12 }), async (requests) => {
      await Promise.all(requests.map(({ event, data }) => ask(event, data)));
      type Lane = { first: number; next: number; bytes: number };
      const queues = node.state.list<Lane>("kit/queues/");
      const lanes = [...queues, ...node.state.list<Lane>("kit/trash/")];
      const items = lanes.reduce((all, { value: { first, next } }) => all + next - first, 0);
      expect(node.state.list("kit/queue/", 10_000)).toHaveLength(items);
      const spaces = node.state.list<{ bytes: number; entries: number }>("kit/namespace/");
      const entries = node.state.list<{ bytes: number }>("kit/entry/");
      const sum = (rows: { value: { bytes: number } }[]) =>
        rows.reduce((all, row) => all + row.value.bytes, 0);
      const books = node.state.get<{ bytes: number; queues: number; namespaces: number }>("kit/books");
      expect(sum(entries)).toBe(sum(spaces));
      expect(node.state.list("kit/state/")).toHaveLength(entries.length);
      expect(books ?? { bytes: 0, queues: 0, namespaces: 0 }).toMatchObject({
        bytes: sum(queues) + sum(spaces),
        queues: queues.length,
        namespaces: spaces.length,
      });
    }),
    { numRuns: 20 },
  );
});
