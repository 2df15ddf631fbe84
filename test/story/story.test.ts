/** What a user sees: an intent dropped into a folder becomes a registered capability, by way of four processes. */
import { readFileSync } from "node:fs";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Audit } from "@kloros/bus";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { ask, EXAMPLE_WORKSPACE, run } from "../mesh/commands.ts";
import { eventually } from "../mesh/eventually.ts";
import { askFor } from "../mesh/intents.ts";
import { DAEMONS, processesOf, type RunningMesh, startMesh } from "../mesh/running-mesh.ts";
import { countSignals } from "../mesh/signals.ts";
import { tempFolder } from "../mesh/temp-folder.ts";

interface StoryRow {
  readonly signal: string;
  readonly id: string;
  readonly source: string;
  readonly timestamp: string;
  readonly causation_id: string | null;
  readonly correlation_id: string;
  readonly depth: number;
  readonly latency_ms: number;
  readonly facts: Record<string, unknown>;
}

const REGISTRY = `# Capabilities of this box.
audio:
  module: src.audio   # written by hand
  enabled: false
`;

/** A home with a registry of its own, and a copy of the example, since integrations write into it. */
async function freshMesh(): Promise<RunningMesh & { readonly workspace: string }> {
  const folder = await tempFolder();
  const workspace = join(folder, "workspace");
  await cp(EXAMPLE_WORKSPACE, workspace, { recursive: true });
  const home = join(folder, "home");
  await mkdir(home, { mode: 0o700 });
  await writeFile(join(home, "capabilities.yaml"), REGISTRY);
  return Object.assign(await startMesh({ home, workspace }), { workspace });
}

async function discovered(home: string, count: number): Promise<void> {
  await eventually(
    `${count} modules are discovered`,
    async () => (await countSignals(home, "orchestrator_monitor", "Q_MODULE_DISCOVERED")) >= count,
    30_000,
  );
}

it("an intent renamed into intents/ is investigated, integrated and discovered, and its story can be told", async () => {
  const { home, workspace } = await freshMesh();
  const question = await askFor(home, "scheduler", "src/scheduler", { priority: 8 });
  await discovered(home, 1);

  const story = await ask<StoryRow[]>("chem-bus", "trace", question, "--home", home);
  expect(story.map(({ signal, source, depth }) => [depth, signal, source])).toEqual([
    [0, "Q_CURIOSITY_INVESTIGATE", "intent_router"],
    [1, "Q_INVESTIGATION_COMPLETE", "investigation_consumer_daemon"],
    [2, "Q_MODULE_INTEGRATED", "capability_integrator_daemon"],
    [3, "Q_MODULE_DISCOVERED", "orchestrator_monitor"],
  ]);
  const [first, ...caused] = story as [StoryRow, ...StoryRow[]];
  expect(first).toMatchObject({ causation_id: null, latency_ms: 0, priority: "high" });
  for (const [index, row] of caused.entries()) {
    const cause = story[index]!;
    expect(row.correlation_id).toBe(first.id);
    expect(row.causation_id).toBe(cause.id);
    expect(row.latency_ms).toBe(Date.parse(row.timestamp) - Date.parse(cause.timestamp));
    expect(row.latency_ms).toBeGreaterThanOrEqual(0);
  }
  // Any id of the story tells the same story.
  for (const id of [first.id, story[2]!.id, String(story[1]!.facts["investigation_id"])])
    expect(await ask("chem-bus", "trace", id, "--home", home)).toEqual(story);

  const text = await readFile(join(home, "capabilities.yaml"), "utf8");
  expect(text.startsWith(REGISTRY)).toBe(true);
  expect(parse(text)).toMatchObject({
    audio: { module: "src.audio", enabled: false },
    scheduler: {
      module: "src.scheduler",
      path: "src/scheduler",
      enabled: true,
      auto_discovered: true,
      py_files: 2,
      language: "python",
      investigation_id: story[1]!.facts["investigation_id"],
      capabilities: expect.arrayContaining(["JobQueue"]) as unknown,
    },
  });
  expect(story[2]!.facts).toMatchObject({ module_path: "src.scheduler", init_created: true });
  expect(readFileSync(join(workspace, "src/scheduler/__init__.py"), "utf8")).toContain("src.scheduler");
  expect(story[3]!.facts).toMatchObject({ module_name: "scheduler", has_init: true });
});

it("the books balance and every daemon says that it is ready, while the mesh runs and after it has stopped", async () => {
  const mesh = await freshMesh();
  const { home } = mesh;
  const modules = ["scheduler", "text", "retry", "report"];
  for (const module of modules) await askFor(home, module, `src/${module}`);
  await discovered(home, modules.length);

  const status = await run("kloros", "status", "--json", "--home", home);
  expect(status.code).toBe(0);
  const { daemons } = JSON.parse(status.stdout) as { daemons: Record<string, unknown>[] };
  expect(daemons.map(({ name }) => name)).toEqual(expect.arrayContaining([...DAEMONS]));
  for (const daemon of daemons) {
    expect(daemon).toMatchObject({ state: "ready", restarts: 0, lag: 0 });
    expect(daemon["pid"]).toBeGreaterThan(1);
    expect(daemon["rss_bytes"]).toBeGreaterThan(1_000_000);
    expect(daemon["uptime_s"]).toBeGreaterThan(0);
  }
  await expectBalanced(home, modules.length);
  expect(await mesh.stop()).toBe(0);
  await expectBalanced(home, modules.length);
  expect((await run("kloros", "status", "--home", home)).code).toBe(69);
});

async function expectBalanced(home: string, count: number): Promise<void> {
  const { code, stdout } = await run("chem-bus", "audit", "--json", "--home", home);
  const audit = JSON.parse(stdout) as Audit;
  expect([code, audit.balanced]).toEqual([0, true]);
  // Who may emit a signal too, and did not, has a row of zeros.
  const spoken = audit.rows.filter(({ emitted }) => emitted > 0);
  const consumed = Object.fromEntries(spoken.map((row) => [`${row.signal} → ${row.consumer}`, row]));
  for (const name of [
    "Q_CURIOSITY_INVESTIGATE → investigation_consumer_daemon",
    "Q_INVESTIGATION_COMPLETE → capability_integrator_daemon",
    "Q_MODULE_INTEGRATED → orchestrator_monitor",
  ]) {
    expect(consumed[name]).toMatchObject({
      emitted: count,
      handled: count,
      dead_lettered: 0,
      pending: 0,
      expired: 0,
    });
  }
}

it("a second kloros up on the same home exits with 75, names the holder and leaves the first alone", async () => {
  const mesh = await freshMesh();
  const before = await mesh.daemons();
  const second = await run("kloros", "up", "--home", mesh.home, "--workspace", mesh.workspace);
  expect(second.code).toBe(75);
  expect(second.stderr).toContain(`process ${String(mesh.process.pid)}`);
  expect((await mesh.daemons()).map(({ pid, restarts }) => [pid, restarts])).toEqual(
    before.map(({ pid, restarts }) => [pid, restarts]),
  );
  await askFor(mesh.home, "text", "src/text");
  await discovered(mesh.home, 1);
});

it("Ctrl-C stops every daemon in order with exit code 0 and leaves no process", async () => {
  const mesh = await freshMesh();
  await askFor(mesh.home, "text", "src/text"); // So that there are processes that analyse, too.
  await discovered(mesh.home, 1);
  expect((await processesOf(mesh.home)).length).toBeGreaterThanOrEqual(DAEMONS.length);
  expect(await mesh.stop()).toBe(0);
  expect(await processesOf(mesh.home)).toEqual([]);
  const stopped = [...mesh.output().matchAll(/(\w+) +Stopping\b/g)].map((match) => match[1]);
  expect(stopped.filter((name) => DAEMONS.some((daemon) => daemon === name))).toEqual(DAEMONS);
});

it("kill -9 of kloros up leaves no daemon behind, loses nothing, and the next one goes on", async () => {
  const mesh = await freshMesh();
  const { home, workspace } = mesh;
  await askFor(home, "report", "src/report");
  await discovered(home, 1);
  await askFor(home, "text", "src/text");
  mesh.process.kill("SIGKILL");
  await mesh.exit;
  await eventually("no process is left", async () => (await processesOf(home)).length === 0, 5_000);
  await askFor(home, "retry", "src/retry"); // Nobody is there to see it.
  const next = await startMesh({ home, workspace });
  await discovered(home, 3);
  expect(await next.stop()).toBe(0);
  await expectBalanced(home, 3);
});
