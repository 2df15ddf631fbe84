/** The watchdog in this process, on a node whose commits can be made to fail. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Contracts, ensureHome, loadContracts, type Node, openNode, readDeadLetters } from "@kloros/bus";
import type { Logger } from "@kloros/daemon";
import { expect, it, onTestFinished } from "vitest";
import { SignalObservers } from "../../src/observers.ts";
import { expectationsOf } from "../../src/watchdog/expectations.ts";
import { Watchdog } from "../../src/watchdog/watchdog.ts";
import { question, until } from "./watched-mesh.ts";

const silent = new Proxy({}, { get: () => () => undefined }) as unknown as Logger;

async function watchedNode(contracts: Contracts, failing: { commits: number }) {
  const home = await mkdtemp(join(tmpdir(), "kloros-watch-"));
  onTestFinished(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  await ensureHome(home);
  const open = async (daemon: string): Promise<Node> => {
    const node = await openNode({ daemon, home, contracts });
    onTestFinished(() => node.close());
    return node;
  };
  const node = await open("orchestrator_monitor");
  const transact: Node["transact"] = async (body) => {
    if (failing.commits-- > 0) throw new Error("no space left on device");
    return node.transact(body);
  };
  const unsteady = new Proxy(node, {
    get: (target, name) => {
      if (name === "transact") return transact;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === "function" ? (member.bind(target) as unknown) : member;
    },
  });
  const deadlines = new Map(contracts.names.map((name) => [name, 100]));
  const expectations = expectationsOf(contracts, "orchestrator_monitor", deadlines);
  const watchdog = new Watchdog({ node: unsteady, log: silent, expectations, maxWaits: 10 });
  const observers = new SignalObservers();
  watchdog.observe(observers);
  observers.register(node);
  await node.start();
  watchdog.start();
  onTestFinished(() => watchdog.stop());
  const router = await open("intent_router");
  await router.start();
  return { home, node, watchdog, router };
}

it("a timeout that cannot be committed is tried again until it can, and is told once", async () => {
  const failing = { commits: 3 };
  const { node, watchdog, router } = await watchedNode(loadContracts(), failing);
  await router.emit("Q_CURIOSITY_INVESTIGATE", question("q"));
  await until("it is told", () => watchdog.health()["fired"] === 1);
  expect(failing.commits).toBeLessThan(0);
  expect(watchdog.health()).toMatchObject({ open: 0, oldest: null });
  expect(node.stats().emitted).toBe(1);
});

it("a timeout that its own contract refuses is a dead letter, once, and the next one is told", async () => {
  const dir = await mkdtemp(join(tmpdir(), "kloros-contracts-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  await mkdir(join(dir, "signals"));
  const write = (name: string, signal: object, facts: object) =>
    writeFile(
      join(dir, "signals", `${name}.schema.json`),
      JSON.stringify({
        title: name,
        description: `${name}.`,
        "x-signal": { version: 1, kind: "advisory", emitters: ["intent_router"], consumers: [], ...signal },
        type: "object",
        properties: { question_id: { type: "string", description: "Which.", ...facts } },
        additionalProperties: false,
        examples: [{ question_id: "x" }],
      }),
    );
  const expects = {
    any_of: ["Q_PET_FED"],
    within_seconds: 1,
    on_timeout: "Q_PET_HUNGRY",
    suggested_action: "x",
  };
  await write("Q_PET_WAKES", { expects }, {});
  await write("Q_PET_FED", {}, {});
  await write("Q_PET_HUNGRY", { emitters: ["orchestrator_monitor"] }, { maxLength: 3 });
  const contracts = loadContracts({ extraDirs: [dir] });
  const { home, node, watchdog, router } = await watchedNode(contracts, { commits: 0 });
  await router.emit("Q_PET_WAKES", { question_id: "far too long" });
  await router.emit("Q_PET_WAKES", { question_id: "cat" });
  await until("both are over", () => watchdog.health()["fired"] === 2);
  const { letters } = await until("the letter is written", async () => {
    const read = await readDeadLetters(home);
    return read.letters.length > 0 && read;
  });
  expect(letters).toMatchObject([
    { signal: { signal: "Q_PET_HUNGRY", facts: { question_id: "far too long" } } },
  ]);
  expect(node.stats()).toMatchObject({ emitted: 1, deadLettered: 0 });
});
