/** The daemon as a process of its own, between real nodes; killed with -9 as often as one likes. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ensureHome, loadContracts, type Node, openNode } from "@kloros/bus";
import { expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { completionOf, recordOf } from "./entries.ts";
import { files, tempFolder } from "./temp-home.ts";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

async function nodeIn(
  home: string,
  daemon: string,
  prepare: (node: Node) => void = () => undefined,
): Promise<Node> {
  const node = await openNode({ daemon, home, contracts: loadContracts() });
  onTestFinished(() => node.close());
  prepare(node);
  await node.start();
  return node;
}

/** Both outcomes of integrations, as the daemons that they are meant for receive them. */
async function outcomesIn(
  home: string,
): Promise<{ id: string; signal: string; causation_id: string | null }[]> {
  const outcomes: { id: string; signal: string; causation_id: string | null }[] = [];
  await nodeIn(home, "orchestrator_monitor", (node) =>
    node.on("Q_MODULE_INTEGRATED", (signal) => void outcomes.push(signal)),
  );
  await nodeIn(home, "kloros_policy_engine", (node) =>
    node.on("Q_INTEGRATION_FAILED", (signal) => void outcomes.push(signal)),
  );
  return outcomes;
}

function startDaemon(folder: string): ChildProcess {
  const args = [MAIN, "--home", join(folder, "home"), "--workspace", join(folder, "workspace")];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 40_000,
): Promise<void> {
  const giveUpAt = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error(`not in ${deadlineMs} ms: ${what}`);
    await sleep(20);
  }
}

async function prepared(names: readonly string[]): Promise<string> {
  const folder = await tempFolder();
  await mkdir(join(folder, "home"), { mode: 0o700 });
  await ensureHome(join(folder, "home"));
  for (const name of names) {
    const path = join(folder, "workspace", "src", name);
    await files(path, { "core.py": "def run(): ...\n" });
    const line = `${JSON.stringify(recordOf(name, path))}\n`;
    await appendFile(join(folder, "home", "curiosity_investigations.jsonl"), line);
  }
  return folder;
}

it("integrates what is asked, refuses what cannot be, and stops with 0 on SIGTERM", async () => {
  const folder = await prepared(["audio"]);
  const home = join(folder, "home");
  const outcomes = await outcomesIn(home);
  const investigator = await nodeIn(home, "investigation_consumer_daemon");
  const asked = await investigator.emit("Q_INVESTIGATION_COMPLETE", completionOf("audio"));
  const unknown = await investigator.emit("Q_INVESTIGATION_COMPLETE", completionOf("nothing"));
  await investigator.emit("Q_INVESTIGATION_COMPLETE", { ...completionOf("audio"), status: "failed" });
  const daemon = startDaemon(folder);
  await until("two outcomes", () => outcomes.length === 2);
  expect(outcomes.find(({ causation_id }) => causation_id === asked.id)).toMatchObject({
    signal: "Q_MODULE_INTEGRATED",
    facts: {
      module_name: "audio",
      module_path: "src.audio",
      init_created: true,
      investigation_id: "inv_audio",
    },
  });
  expect(outcomes.find(({ causation_id }) => causation_id === unknown.id)).toMatchObject({
    signal: "Q_INTEGRATION_FAILED",
    facts: {
      investigation_id: "inv_nothing",
      error_type: "RecordNotFound",
      retry_possible: true,
      module_name: "nothing",
    },
  });

  // The same investigation again, under another signal: nothing changes, nothing is announced.
  const text = await readFile(join(home, "capabilities.yaml"), "utf8");
  await investigator.emit("Q_INVESTIGATION_COMPLETE", completionOf("audio"));
  const last = await investigator.emit("Q_INVESTIGATION_COMPLETE", {
    ...completionOf("audio"),
    hypothesis: "UNDISCOVERED_MODULE_",
    question_id: "discover.module.audio",
  });
  await until("the last outcome", () => outcomes.some(({ causation_id }) => causation_id === last.id));
  expect(outcomes).toHaveLength(3);
  expect(await readFile(join(home, "capabilities.yaml"), "utf8")).toBe(text);

  daemon.kill("SIGTERM");
  expect((await once(daemon, "exit"))[0]).toBe(0);
});

it(
  "killed with -9 again and again, it gives every completion exactly one outcome",
  { timeout: 120_000 },
  async () => {
    const names = Array.from({ length: 120 }, (_, index) => `m${index}`);
    const folder = await prepared(names);
    const home = join(folder, "home");
    const outcomes = await outcomesIn(home);
    const investigator = await nodeIn(home, "investigation_consumer_daemon");
    const asked = new Set<string>();
    let daemon = startDaemon(folder);
    for (const [index, name] of names.entries()) {
      asked.add((await investigator.emit("Q_INVESTIGATION_COMPLETE", completionOf(name))).id);
      if (index % 20 !== 19) continue;
      const wanted = Math.min(outcomes.length + 1 + (index % 7), index);
      await until("some outcomes", () => outcomes.length >= wanted);
      daemon.kill("SIGKILL");
      await once(daemon, "exit");
      daemon = startDaemon(folder);
    }
    await until("all outcomes", () => outcomes.length >= names.length);
    expect(outcomes.map(({ signal }) => signal)).toEqual(names.map(() => "Q_MODULE_INTEGRATED"));
    expect(new Set(outcomes.map(({ causation_id }) => causation_id))).toEqual(asked);
    const text = await readFile(join(home, "capabilities.yaml"), "utf8");
    expect(Object.keys(parse(text) as object).sort()).toEqual([...names].sort());
  },
);
