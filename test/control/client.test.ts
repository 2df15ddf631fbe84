/** The client against a real daemon: what it keeps there survives kill -9, what it follows goes on, and its word is waited for. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { connect, EventError, type SubscriptionItem } from "@kloros/client";
import { expect, it } from "vitest";
import { eventually } from "../mesh/eventually.ts";
import { askFor } from "../mesh/intents.ts";
import { startRouter } from "../mesh/running-router.ts";
import { tempFolder } from "../mesh/temp-folder.ts";

it("values, queues, streams and a service that is waited for, with a kill -9 in between", async () => {
  const home = join(await tempFolder(), "home");
  await mkdir(join(home, "intents"), { recursive: true });
  const first = await startRouter(home);
  const { client } = first;

  const state = client.state("ui");
  const version = await state.set("config", { theme: "dark" });
  expect(await state.entry("config")).toEqual({ value: { theme: "dark" }, version });
  await expect(state.set("config", 1, { ifVersion: version + 7 })).rejects.toMatchObject({
    name: "EventError",
    daemonCode: expect.stringMatching(/^E_STATE/u),
  });
  await state.set("nothing", null);
  expect([await state.get("nothing"), await state.get("missing")]).toEqual([null, undefined]);
  expect(await state.list("c*")).toEqual(["config"]);
  expect([await state.delete("nothing"), await state.delete("nothing")]).toEqual([true, false]);
  expect(await client.getValue("state:get", { key: "missing" }, { default: "d" })).toBe("d");

  const queue = client.queue("jobs", "todo");
  for (const n of [1, 2, 3]) expect(await queue.push({ n })).toBe(n);
  expect(await queue.pop({ requestId: "r1" })).toEqual({ n: 1 });
  expect(await queue.pop({ requestId: "r1" })).toEqual({ n: 1 });

  const events = await client.sendAndMerge("system:discover", {}, { mergeKey: "events" });
  expect(events).toContainEqual(expect.objectContaining({ event: "async_state:pop" }));
  await expect(client.send("state:gett")).rejects.toThrow(EventError);
  await expect(client.send("state:gett")).rejects.toThrow("did you mean state:get?");

  const stream = client.subscribe({ signals: ["Q_CURIOSITY_*"], kinds: ["emitted"] });
  await stream.ready;
  const items: SubscriptionItem[] = [];
  const reading = (async () => {
    for await (const item of stream) items.push(item);
  })();
  const question = await askFor(home, "a", "src/a");
  await eventually("its signal is seen", () => items.length === 1);
  expect(items[0]).toMatchObject({ kind: "emitted", signal: { facts: { question_id: question } } });

  const told: string[] = [];
  await client.onShutdown("indexer", ({ reason }) => void told.push(reason));

  await first.stop("SIGKILL");
  // While it is away: what reads, or says that it must happen once, waits for it to come back.
  const waiting = [state.get("config"), queue.pop(), queue.length()] as const;
  const second = await startRouter(home);
  expect(await Promise.all(waiting)).toEqual([{ theme: "dark" }, { n: 2 }, expect.any(Number)]);
  expect(await queue.length()).toBe(1);

  await eventually("the stream goes on and tells of the gap", () =>
    items.some((item) => item.kind === "missed"),
  );
  await askFor(home, "b", "src/b");
  await eventually("the next signal is seen", () => items.length === 3);
  expect(items.map(({ kind }) => kind)).toEqual(["emitted", "missed", "emitted"]);

  await eventually("the service is registered again", async () => {
    const all = await connect({ home, daemons: "all" });
    const [answer] = await all.sendAll("monitor:get_events", { event: "shutdown:register" });
    all.close();
    return answer !== undefined;
  });
  expect(await second.stop()).toBe(0);
  expect(told).toEqual(["SIGTERM"]);
  client.close();
  await expect(reading).rejects.toThrow();
  expect(items).toHaveLength(3);
});
