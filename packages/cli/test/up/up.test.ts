/** `kloros up` with the real daemons, as they are built. */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { DaemonStatus } from "../../src/status/merge-status.ts";
import { runCli, type RunningCli, startCli, temporaryFolder } from "../run-cli.ts";
import { isRunning, until } from "../until.ts";

const ROUTER = fileURLToPath(new URL("../../../intent-router/dist/main.js", import.meta.url));
const WORKSPACE = fileURLToPath(new URL("../../../../examples/workspace", import.meta.url));

let folder: ReturnType<typeof temporaryFolder>;
let home = "";
const running: RunningCli[] = [];

beforeAll(() => {
  expect(existsSync(ROUTER), "the daemons are built (npm run build)").toBe(true);
});
beforeEach(() => {
  folder = temporaryFolder();
  home = join(folder.path, "h");
});
afterEach(async () => {
  for (const up of running.splice(0)) {
    up.process.kill("SIGKILL");
    await up.finished;
  }
  folder.remove();
});

function up(...args: string[]): RunningCli {
  const started = startCli("kloros", ["up", "--home", home, "--workspace", WORKSPACE, ...args]);
  running.push(started);
  return started;
}

async function status(): Promise<DaemonStatus[]> {
  const { stdout } = await runCli("kloros", ["status", "--json", "--home", home]);
  return stdout === "" ? [] : (JSON.parse(stdout) as { daemons: DaemonStatus[] }).daemons;
}

async function pids(): Promise<number[]> {
  return (await status()).map(({ pid }) => pid ?? 0);
}

const allGone = (list: readonly number[]): Promise<unknown> =>
  until("no daemon is left", async () => !(await Promise.all(list.map(isRunning))).includes(true), 10_000);

test("a new home travels from the first intent to the registry, and Ctrl-C stops all", async () => {
  const mesh = up("--demo");
  await mesh.sees(/Every daemon is ready/u);
  await mesh.sees(/npx chem-bus trace (\S+)/u);
  const daemons = await status();
  expect(daemons.length).toBeGreaterThanOrEqual(4);
  for (const daemon of daemons) expect(daemon).toMatchObject({ state: "ready", restarts: 0 });

  await mesh.sees(/Emitted Q_MODULE_DISCOVERED/u, 30_000);
  const question = /npx chem-bus trace (\S+)/u.exec(mesh.stdout())?.[1] ?? "";
  const story = await runCli("chem-bus", ["trace", question, "--json", "--home", home]);
  expect(
    (JSON.parse(story.stdout) as { signal: string; depth: number }[]).map(({ signal, depth }) => [
      signal,
      depth,
    ]),
  ).toEqual([
    ["Q_CURIOSITY_INVESTIGATE", 0],
    ["Q_INVESTIGATION_COMPLETE", 1],
    ["Q_MODULE_INTEGRATED", 2],
    ["Q_MODULE_DISCOVERED", 3],
  ]);
  mesh.process.kill("SIGINT");
  expect(await mesh.finished).toMatchObject({ code: 0, stderr: "" });
  await allGone(daemons.map(({ pid }) => pid ?? 0));
  expect(readdirSync(join(home, "run")).filter((name) => name.endsWith(".sock"))).toEqual([]);
});

test("a second kloros up on the same home says who holds it and leaves the first alone", async () => {
  const first = up("--only", "intent_router");
  await first.sees(/Every daemon is ready/u);
  const before = await pids();
  const second = await runCli("kloros", ["up", "--home", home]);
  expect(second.code).toBe(75);
  expect(second.stderr).toContain(`process ${String(first.process.pid)}, since`);
  expect(await pids()).toEqual(before);
});

test("kloros up killed with -9 leaves no daemon behind, and the next one starts at once", async () => {
  const first = up();
  await first.sees(/Every daemon is ready/u);
  const left = await pids();
  first.process.kill("SIGKILL");
  await allGone(left);
  await up().sees(/Every daemon is ready/u);
});

test("a daemon killed with -9 comes back; one that is stopped on purpose does not", async () => {
  const mesh = up("--only", "intent_router,orchestrator_monitor");
  await mesh.sees(/Every daemon is ready/u);
  const [router] = await status();
  process.kill(router?.pid ?? 0, "SIGKILL");
  const again = await until("the router is back", async () => {
    const [now] = await status();
    return now?.state === "ready" && now.pid !== router?.pid && now;
  });
  expect(again.restarts).toBe(1);
  expect((await runCli("kloros", ["stop", "orchestrator_monitor", "--home", home])).code).toBe(0);
  await until("the monitor is stopped", async () => (await status())[1]?.state === "stopped");
  expect((await runCli("kloros", ["status", "--home", home])).code).toBe(1);
  expect((await runCli("kloros", ["restart", "orchestrator_monitor", "--home", home])).code).toBe(0);
  await until("the monitor is back", async () => (await status())[1]?.state === "ready");
  const typo = await runCli("kloros", ["stop", "orchestrator_monitr", "--home", home]);
  expect([typo.code, typo.stderr]).toEqual([1, expect.stringContaining("daemon must be one of")]);
});

test("a bad configuration names each setting and ends with 78", async () => {
  await runCli("kloros", ["init", "--home", home]);
  writeFileSync(join(home, "mesh.yaml"), "supervisor:\n  heartbeat: soon\n  start_limt: 3\n");
  const { code, stderr } = await runCli("kloros", ["up", "--home", home]);
  expect(code).toBe(78);
  expect(stderr).toMatch(/supervisor\.heartbeat must be a time span/u);
  expect(stderr).toContain("did you mean supervisor.start_limit?");
});

test("a home whose path is too long for sockets is refused before anything is created", async () => {
  const deep = join(folder.path, "x".repeat(100));
  const { code, stderr } = await runCli("kloros", ["up", "--home", deep]);
  expect([code, stderr]).toEqual([78, expect.stringContaining("too long for sockets")]);
  expect(existsSync(deep)).toBe(false);
});

test("when every daemon fails, kloros up says so and ends with 1", async () => {
  await runCli("kloros", ["init", "--home", home]);
  writeFileSync(join(home, "mesh.yaml"), "daemons:\n  intent_router:\n    no_such_setting: 1\n");
  const { code, stdout } = await up("--only", "intent_router").finished;
  expect(code).toBe(1);
  expect(stdout).toContain("bad configuration (exit 78)");
  expect(stdout).toContain("no_such_setting");
});

test("--json prints nothing but JSON lines", async () => {
  const mesh = up("--json", "--only", "intent_router");
  await mesh.sees(/Every daemon is ready/u);
  mesh.process.kill("SIGTERM");
  const { code, stdout } = await mesh.finished;
  expect(code).toBe(0);
  for (const line of stdout.trimEnd().split("\n"))
    expect(JSON.parse(line)).toMatchObject({ msg: expect.any(String) as string });
});

test("a reader that goes away (| head) stops the mesh and leaves nothing behind", async () => {
  const mesh = up("--only", "intent_router");
  await mesh.sees(/Every daemon is ready/u);
  const left = await pids();
  mesh.process.stdout?.destroy();
  await runCli("kloros", ["restart", "intent_router", "--home", home]); // Something to say.
  expect(await mesh.finished).toMatchObject({ code: 0, stderr: "" });
  await allGone(left);
});

test("a reader that does not read neither stops the mesh nor keeps it from stopping", async () => {
  const mesh = up("--only", "intent_router");
  await mesh.sees(/Every daemon is ready/u);
  mesh.process.stdout?.pause();
  for (let index = 0; index < 3_000; index++) {
    const intent = { type: "nonsense", data: { filler: "x".repeat(1_000), index } };
    writeFileSync(join(home, "intents", `${String(index)}.json`), JSON.stringify(intent));
  }
  await until(
    "all intents have a fate",
    () => readdirSync(join(home, "intents")).filter((name) => name.endsWith(".json")).length === 0,
    40_000,
  );
  expect((await status())[0]).toMatchObject({ state: "ready", restarts: 0 });
  mesh.process.kill("SIGTERM");
  setTimeout(() => mesh.process.stdout?.resume(), 4_000);
  expect((await mesh.finished).code).toBe(0);
});
