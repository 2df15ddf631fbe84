/** The daemon as a process of its own: killed with -9, started with a bad file, given bad edits. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { askDaemon } from "@kloros/client";
import { askParts } from "@kloros/daemon/testing";
import { expect, it, onTestFinished } from "vitest";
import {
  decisionsOf,
  listens,
  neighbour,
  promotionsDetected,
  startEngine,
  tempHome,
  until,
  writePolicies,
} from "./engine-home.ts";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

function startDaemon(home: string): ChildProcess & { said: () => string } {
  const child = spawn(process.execPath, [MAIN, "--home", home], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  onTestFinished(() => void child.kill("SIGKILL"));
  return Object.assign(child, { said: () => said });
}

async function kill(daemon: ChildProcess): Promise<void> {
  const gone = once(daemon, "exit");
  daemon.kill("SIGKILL");
  await gone;
}

it(
  "killed with -9 again and again, it triggers once for each promotion and writes each decision once",
  { timeout: 180_000 },
  async () => {
    const home = await tempHome();
    const dreams = await neighbour(home, "dream_consumer_daemon", { Q_DREAM_TRIGGER: listens });
    const monitor = await neighbour(home, "orchestrator_monitor", {});
    let daemon = startDaemon(home);
    const topics = Array.from({ length: 40 }, (_, index) => `topic${index}`);
    for (const [index, topic] of topics.entries()) {
      await monitor.node.emit("Q_PROMOTIONS_DETECTED", promotionsDetected({ [topic]: [`${topic}.json`] }));
      if (index % 8 !== 7) continue;
      const wanted = Math.min(index, dreams.heard.length + 1 + (index % 5));
      await until("some triggers", () => dreams.heard.length >= wanted, 60_000);
      await kill(daemon);
      daemon = startDaemon(home);
    }
    await until("all triggers", () => dreams.heard.length >= topics.length, 60_000);
    await until("an answer", () =>
      askDaemon(join(home, "run", "kloros_policy_engine.sock"), "policy:flush").then(
        () => true,
        () => false,
      ),
    );
    expect(dreams.heard.map(({ facts }) => (facts as { topic: string }).topic).sort()).toEqual(
      [...topics].sort(),
    );
    const lines = await decisionsOf(home);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
    const yes = lines.filter(({ outcome }) => outcome === "yes");
    expect(yes.map(({ key }) => key).sort()).toEqual([...topics].sort());
    expect(new Set(yes.map(({ emitted }) => emitted[0]?.id))).toEqual(
      new Set(dreams.heard.map(({ id }) => id)),
    );
    const stopped = once(daemon, "exit");
    daemon.kill("SIGTERM");
    expect((await stopped)[0]).toBe(0);
  },
);

it("an invalid file at the start is bad configuration: exit 78, every problem with its line", async () => {
  const home = await tempHome();
  await writePolicies(
    home,
    "version: 1\npolicies:\n  - name: A b\n    on: Q_NOPE\n    emit: { signal: Q_DREAM_TRIGGER }\n",
  );
  const daemon = startDaemon(home);
  const [code] = (await once(daemon, "exit")) as [number];
  expect(code).toBe(78);
  expect(daemon.said()).toMatch(/policies\.yaml, line 3: policies\[0\]\.name must be a name/);
  expect(daemon.said()).toMatch(/policies\.yaml, line 4: policies\[0\]\.on names Q_NOPE/);
});

const SCAN = (scope: string): string => `version: 1
policies:
  - name: scan_on_discovery
    on: Q_MODULE_DISCOVERED
    emit: { signal: Q_SCAN_REQUESTED, facts: { scope: ${scope} } }
    gates: { disk_free: false }
`;

it("an edit is in force at once; a bad one keeps the rules before it and is told once, and so is its mending", async () => {
  const home = await tempHome();
  await writePolicies(home, SCAN("health"));
  const monitor = await neighbour(home, "orchestrator_monitor", { Q_SCAN_REQUESTED: listens });
  const alerts = (): number => engine.node.stats().emitted;
  const engine = await startEngine(home);
  const discovered = {
    module_name: "m",
    module_path: "p",
    investigation_id: "i",
    py_files_count: 1,
    has_init: true,
  };
  const scopeAfter = async (): Promise<unknown> => {
    const before = monitor.heard.length;
    await monitor.node.emit("Q_MODULE_DISCOVERED", discovered);
    await until("a scan", () => monitor.heard.length > before);
    return monitor.heard.at(-1)?.facts["scope"];
  };
  const policies = (): { version: string; is_valid: boolean; problems: string[] } =>
    engine.parts.health?.()["policies"] as never;
  expect(await scopeAfter()).toBe("health");

  const { version } = policies();
  await writeFile(join(home, "policies.new"), SCAN("all"));
  await rename(join(home, "policies.new"), join(home, "policies.yaml"));
  await until("the new rules", () => policies().version !== version);
  expect(await scopeAfter()).toBe("all");

  const emitted = alerts();
  for (const scope of ["nonsense", "more nonsense"]) {
    await writePolicies(home, SCAN(scope));
    await until("the problem", () =>
      policies().problems.some((problem) => problem.startsWith("policies.yaml:5:")),
    );
  }
  await until("one alert", () => alerts() === emitted + 1);
  expect(await scopeAfter()).toBe("all");
  await writePolicies(home, SCAN("capabilities"));
  await until("all is well again", () => policies().is_valid && alerts() === emitted + 3); // A scan, and the mending.
  expect(await scopeAfter()).toBe("capabilities");
  const said = engine.node.state
    .list("history:Q_HEALTH_ALERT\t")
    .map(({ value }) => value as { facts: { severity: string } });
  expect(said.map(({ facts }) => facts.severity)).toEqual(["warning", "info"]);
});

it("a signal that no rule answers is remembered and counted", async () => {
  const home = await tempHome();
  const monitor = await neighbour(home, "orchestrator_monitor", {});
  const engine = await startEngine(home);
  const discovered = {
    module_name: "m",
    module_path: "p",
    investigation_id: "i",
    py_files_count: 1,
    has_init: true,
  };
  for (let n = 0; n < 3; n++) await monitor.node.emit("Q_MODULE_DISCOVERED", discovered);
  await until("handled", () => engine.node.stats().handled >= 3);
  const lines = await decisionsOf(home, engine);
  expect(lines).toMatchObject([
    { outcome: "no_rule", rule: null, signal: { signal: "Q_MODULE_DISCOVERED" } },
    { decision: lines[0]?.id, count: 2, total: 2 },
  ]);
  expect(engine.node.state.list("history:Q_MODULE_DISCOVERED\t")).toHaveLength(3);
});

it("a line that was on disk when the engine died before it could say so is not written again", async () => {
  const home = await tempHome();
  const first = await startEngine(home);
  const line = { schema: "kloros.decision/1", id: "0199d2a4-7a00-7000-8000-000000000001" };
  const other = { ...line, id: "0199d2a4-7a00-7000-8000-000000000002" };
  await first.node.transact(({ state }) => {
    state.put("outbox:1", line);
    state.put("outbox:2", other);
  });
  await first.stop();
  await writeFile(join(home, "policy_decisions.jsonl"), `${JSON.stringify(line)}\n{"torn`);
  const second = await startEngine(home);
  await until("the outbox is empty", () => second.node.state.list("outbox:").length === 0);
  await second.stop();
  const ids = (await readFile(join(home, "policy_decisions.jsonl"), "utf8")).match(/"id":"[^"]*"/gu);
  expect(ids).toEqual([`"id":"${line.id}"`, `"id":"${other.id}"`]);
});

it("a full decision log is renamed, and the oldest goes", async () => {
  const home = await tempHome();
  const monitor = await neighbour(home, "orchestrator_monitor", {});
  const engine = await startEngine(home, { decision_log_bytes: 4_000, decision_log_files: 2 });
  for (let n = 0; n < 30; n++) {
    await monitor.node.emit("Q_PROMOTIONS_DETECTED", promotionsDetected({ [`t${n}`]: [`${n}`] }));
    await until("handled", () => engine.node.stats().handled > n);
    await askParts(engine.parts, "policy:flush");
  }
  const names = (await readdir(home)).filter((name) => name.startsWith("policy_decisions")).sort();
  expect(names).toEqual(
    ["policy_decisions.1.jsonl", "policy_decisions.2.jsonl", "policy_decisions.jsonl"].filter((name) =>
      names.includes(name),
    ),
  );
  expect(names).toContain("policy_decisions.2.jsonl");
});
