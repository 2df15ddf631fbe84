/** The README shows what these tests run. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { fakeDaemon } from "./fake-daemon.ts";
import * as examples from "./readme-examples.ts";

const text = (path: string) => readFileSync(fileURLToPath(new URL(path, import.meta.url)), "utf8");
const REGION = /^ *\/\/ #region (\S+)\n(.*?)^ *\/\/ #endregion/gmsu;

test("every example of the README is one that is run here", () => {
  const run = [...text("./readme-examples.ts").matchAll(REGION)].map(([, , code]) => dedent(code ?? ""));
  const shown = [...text("../README.md").matchAll(/^```ts\n(.*?)^```/gmsu)].map(([, code]) => code);
  expect(run).toHaveLength(6);
  for (const code of run) expect(shown).toContain(code);
});

test("the examples do what they say", async () => {
  const values: unknown[] = [];
  const daemon = await fakeDaemon(
    ({ event, data }) => {
      if (event === "system:health") return { daemon: "intent_router", state: "ready" };
      if (event === "system:discover") return { events: [{ event: "system:health" }] };
      if (event === "state:get")
        return data["namespace"] === "ui" ? { found: true, value: "dark" } : { found: false };
      if (event === "async_state:push") return { length: values.push(data["value"]) };
      if (event === "async_state:pop") return { found: true, value: values.shift() };
      if (event === "log:level") return Object.assign(new Error("level: no"), { code: "E_CONTROL_REQUEST" });
      return event === "state:set" ? { version: 1 } : { subscription: "s" };
    },
    { name: "intent_router" },
  );
  const { home } = daemon;
  expect(await examples.ask(home)).toEqual([
    { daemon: "intent_router", state: "ready" },
    [{ event: "system:health" }],
    "light",
  ]);
  expect(await examples.askAll(home)).toEqual([
    { daemon: "intent_router", data: { daemon: "intent_router", state: "ready" } },
    "intent_router ready",
  ]);
  expect(await examples.failures(home)).toBe("refused: level: no (E_CONTROL_REQUEST)");
  expect(await examples.keep(home)).toEqual(["dark", { task: "sweep" }]);

  const enough = new AbortController();
  const following = examples.follow(home, enough.signal).catch((reason: unknown) => reason);
  await vi.waitFor(() => expect(daemon.asked("signal:subscribe")).toHaveLength(1));
  enough.abort("enough");
  expect(await following).toBe("enough");

  const flushed = vi.fn(() => Promise.resolve());
  const { router } = await examples.takePart(home, flushed);
  daemon.say({ event: "shutdown:begin", data: {}, subscription: "s" });
  await vi.waitFor(() => expect(daemon.asked("shutdown:acknowledge")).toHaveLength(1));
  expect(flushed).toHaveBeenCalledOnce();
  router.close();
});

function dedent(code: string): string {
  return code.replace(/^ {2}/gmu, "");
}
