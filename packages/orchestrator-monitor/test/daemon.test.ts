/** The daemon as a process of its own, between real nodes; killed with -9 as often as one likes. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ensureHome, type Envelope, loadContracts, type Node, openNode } from "@kloros/bus";
import { expect, it, onTestFinished } from "vitest";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));
/** Short waits, so that the test does not have to wait for the real ones. */
const FAST = [
  "--settle",
  "50ms",
  "--forget-after",
  "200ms",
  "--debounce",
  "20ms",
  "--scan-interval",
  "500ms",
];

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

interface Mesh {
  readonly folder: string;
  readonly registry: string;
  readonly discovered: Envelope<"Q_MODULE_DISCOVERED">[];
  readonly integrator: Node;
  readonly router: Node;
  names(): string[];
}

async function mesh(registryText: string): Promise<Mesh> {
  const folder = await mkdtemp(join(tmpdir(), "kloros-monitor-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const home = join(folder, "home");
  await mkdir(home, { mode: 0o700 });
  await ensureHome(home);
  await mkdir(join(folder, "workspace", "src", "audio"), { recursive: true });
  for (const file of ["__init__.py", "a.py"])
    await writeFile(join(folder, "workspace", "src", "audio", file), "");
  await writeFile(join(home, "capabilities.yaml"), registryText);
  const discovered: Envelope<"Q_MODULE_DISCOVERED">[] = [];
  await nodeIn(home, "kloros_policy_engine", (node) =>
    node.on("Q_MODULE_DISCOVERED", (signal) => void discovered.push(signal)),
  );
  return {
    folder,
    registry: join(home, "capabilities.yaml"),
    discovered,
    integrator: await nodeIn(home, "capability_integrator_daemon"),
    router: await nodeIn(home, "intent_router"),
    names: () => discovered.map(({ facts }) => facts.module_name),
  };
}

function startDaemon(folder: string, flags: readonly string[] = FAST): ChildProcess {
  const places = ["--home", join(folder, "home"), "--workspace", join(folder, "workspace")];
  const child = spawn(process.execPath, [MAIN, ...places, ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** Resolves when the daemon has had its first look at the registry. */
async function hasLooked(child: ChildProcess): Promise<void> {
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await until("first look", () => output.includes("Registry seen for the first time"));
}

const integrated = (name: string) => ({
  module_name: name,
  module_path: `src.${name}`,
  capabilities_added: [],
  init_created: false,
  investigation_id: `inv_${name}`,
});
const entry = (name: string, more = "") => `${name}:\n  module: src.${name}\n${more}`;

it("announces integrations and hand edits once each, and stops with 0 on SIGTERM", async () => {
  const { folder, registry, discovered, integrator, router, names } = await mesh(
    entry("old") + entry("audio", "  py_files: 9\n"),
  );
  const daemon = startDaemon(folder);
  await hasLooked(daemon);

  // An integration, also of what was there before; a second one is no news.
  const receipt = await integrator.emit("Q_MODULE_INTEGRATED", integrated("audio"));
  await until("audio", () => discovered.length === 1);
  expect(discovered[0]).toMatchObject({
    causation_id: receipt.id,
    correlation_id: receipt.id,
    facts: {
      module_name: "audio",
      module_path: "src.audio",
      investigation_id: "inv_audio",
      py_files_count: 2,
      has_init: true,
    },
  });
  await integrator.emit("Q_MODULE_INTEGRATED", integrated("audio"));

  // By hand: in place, and by renaming as editors do. What an integration writes is left to its signal.
  await appendFile(
    registry,
    entry("by_hand") + entry("by_integration", "  investigation_id: inv_by_integration\n"),
  );
  await until("by_hand", () => names().includes("by_hand"));
  expect(discovered[1]).toMatchObject({
    causation_id: null,
    facts: {
      module_path: "src.by_hand",
      investigation_id: "discover.module.by_hand",
      py_files_count: 0,
      has_init: false,
    },
  });
  const whole = await readFile(registry, "utf8");
  await writeFile(`${registry}.swp`, `${whole}group:\n  inner: {module: src.inner}\n`);
  await rename(`${registry}.swp`, registry);
  await until("inner", () => names().includes("inner"));

  // A broken file announces nothing and forgets nothing.
  await writeFile(registry, "broken: [\n");
  await integrator.emit("Q_MODULE_INTEGRATED", integrated("by_integration"));
  await until("by_integration", () => names().includes("by_integration"));
  await writeFile(registry, whole);

  // On request, as part of the request's story.
  await appendFile(registry, entry("asked_for"));
  const request = await router.emit("Q_SCAN_REQUESTED", { scope: "capabilities" });
  await until("asked_for", () => names().includes("asked_for"));
  const askedFor = discovered.find(({ facts }) => facts.module_name === "asked_for");
  expect([null, request.id]).toContain(askedFor?.causation_id); // The watch may have been faster.

  expect(names()).toEqual(["audio", "by_hand", "inner", "by_integration", "asked_for"]);
  daemon.kill("SIGTERM");
  expect((await once(daemon, "exit"))[0]).toBe(0);
});

it("announces again what was removed and added again", async () => {
  const { folder, registry, discovered } = await mesh("");
  await hasLooked(startDaemon(folder));
  await writeFile(registry, entry("a") + entry("b"));
  await until("both", () => discovered.length === 2);
  // When an entry that is gone counts as forgotten, a busy machine decides; so it goes and comes until it is told again.
  await until("a again", async () => {
    await writeFile(registry, entry("b"));
    await sleep(1_000);
    await writeFile(registry, entry("a") + entry("b"));
    await sleep(500);
    return discovered.length > 2;
  });
  expect(discovered.slice(0, 3).map(({ facts }) => facts.module_name)).toEqual(["a", "b", "a"]);
});

it(
  "killed with -9 again and again, it announces each module exactly once",
  { timeout: 120_000 },
  async () => {
    const { folder, registry, discovered, integrator, names } = await mesh("");
    let daemon = startDaemon(folder);
    await hasLooked(daemon);
    const expected: string[] = [];
    for (let round = 0; round < 5; round++) {
      for (let index = 0; index < 20; index++) {
        const name = `m${round}_${index}`;
        expected.push(name, `${name}_hand`);
        await appendFile(registry, entry(`${name}_hand`) + entry(name, `  investigation_id: inv_${name}\n`));
        await integrator.emit("Q_MODULE_INTEGRATED", integrated(name));
      }
      const wanted = Math.min(expected.length, discovered.length + 1 + round * 7);
      await until("some announcements", () => discovered.length >= wanted);
      daemon.kill("SIGKILL");
      await once(daemon, "exit");
      daemon = startDaemon(folder);
    }
    await until("all announcements", () => new Set(names()).size === expected.length);
    expect(names().sort()).toEqual(expected.sort());
  },
);
