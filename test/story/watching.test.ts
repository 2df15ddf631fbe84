/** A running mesh as those see it who watch it: Prometheus, a monitoring plugin, a person at a terminal. */
import { writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { expect, it, onTestFinished } from "vitest";
import { readExposition } from "../../packages/daemon/test/metrics/exposition.ts";
import { ask, commandPath, EXAMPLE_WORKSPACE, run } from "../mesh/commands.ts";
import { eventually } from "../mesh/eventually.ts";
import { askFor } from "../mesh/intents.ts";
import { DISCOVERY, startMesh } from "../mesh/running-mesh.ts";
import { countSignals } from "../mesh/signals.ts";
import { tempFolder } from "../mesh/temp-folder.ts";

interface TopRow {
  readonly name: string;
  readonly state: string;
  readonly rss_bytes: number;
  readonly cpu_percent: number | null;
  readonly lag: number;
  readonly dead_letters: number;
}

function get(port: number, path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode!, text }));
    });
    asked.on("error", reject).end();
  });
}

/** `kloros metrics serve` on a free port. */
async function serveMetrics(home: string): Promise<number> {
  const args = ["metrics", "serve", "--home", home, "--listen", "127.0.0.1:0"];
  const child = spawn(process.execPath, [commandPath("kloros"), ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let told = "";
  child.stderr.on("data", (chunk: Buffer) => (told += chunk.toString()));
  onTestFinished(async () => {
    child.kill("SIGTERM");
    if (child.exitCode === null) await once(child, "exit");
    expect(child.exitCode).toBe(0);
  });
  const port = (): number => Number(/127\.0\.0\.1:(\d+)/u.exec(told)?.[1] ?? 0);
  await eventually(
    () => `it serves; it said: ${told}`,
    () => port() > 0,
  );
  return port();
}

it("what happens to a signal shows in metrics, check and top; what breaks shows there too", async () => {
  const home = join(await tempFolder(), "home");
  const mesh = await startMesh({ home, workspace: EXAMPLE_WORKSPACE, only: DISCOVERY });
  const port = await serveMetrics(home);
  await askFor(home, "scheduler", "src/scheduler", { priority: 8 });
  await eventually(
    "the module is integrated",
    async () => (await countSignals(home, "capability_integrator_daemon", "Q_MODULE_INTEGRATED")) === 1,
  );

  const { status, text } = await get(port, "/metrics");
  expect(status).toBe(200);
  const families = readExposition(text);
  const value = (name: string, daemon: string, signal?: string): number | undefined =>
    [...families.values()]
      .flatMap(({ series }) => series)
      .find((one) => one.name === name && one.labels["daemon"] === daemon && one.labels["signal"] === signal)
      ?.value;
  for (const daemon of DISCOVERY) {
    expect(value("kloros_up", daemon), daemon).toBe(1);
    expect(value("kloros_daemon_ready", daemon), daemon).toBe(1);
    expect(value("kloros_process_open_fds", daemon), daemon).toBeGreaterThan(5);
    expect(value("kloros_journal_size_bytes", daemon), daemon).toBeGreaterThanOrEqual(0);
    expect(value("kloros_journal_file_bytes", daemon), daemon).toBeGreaterThan(0);
  }
  expect(value("kloros_signals_emitted_total", "intent_router", "Q_CURIOSITY_INVESTIGATE")).toBe(1);
  const investigator = "investigation_consumer_daemon";
  expect(value("kloros_signals_handled_total", investigator, "Q_CURIOSITY_INVESTIGATE")).toBe(1);
  expect(value("kloros_signals_dead_lettered_total", investigator, "Q_CURIOSITY_INVESTIGATE")).toBe(0);
  expect(value("kloros_signal_latency_seconds_count", investigator, "Q_CURIOSITY_INVESTIGATE")).toBe(1);
  expect(value("kloros_signal_latency_seconds_sum", investigator, "Q_CURIOSITY_INVESTIGATE")).toBeLessThan(
    60,
  );
  expect(value("kloros_journal_commit_duration_seconds_count", "intent_router")).toBeGreaterThan(0);
  const promtool = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
  if (promtool.error === undefined) expect(promtool.stdout + promtool.stderr).toBe("");

  // It may be a busy machine: what is asked for here is the line and the exit code, not an idle event loop.
  const calm = ["--home", home, "--warn-loop", "-", "--crit-loop", "-"];
  const well = await run("chem-bus", "check", ...calm);
  expect(well.stdout).toMatch(/^KLOROS (?:OK|WARNING) - 4 daemons ready, 0 dead letters/u);
  const { daemons } = await ask<{ daemons: TopRow[] }>(
    "chem-bus",
    "top",
    "--once",
    "--interval",
    "500ms",
    "--home",
    home,
  );
  expect(daemons.map(({ name, state, lag }) => [name, state, lag])).toEqual(
    [...DISCOVERY].sort().map((name) => [name, "ready", 0]),
  );
  for (const row of daemons) expect(row.cpu_percent).not.toBeNull();
  expect(
    (await run("chem-bus", "top", "--home", home, "--interval", "100ms")).stdout.split("\n"),
  ).toHaveLength(6);

  await writeFile(join(home, "intents", "broken.json"), "{ no intent");
  await run("kloros", "stop", investigator, "--home", home);
  await eventually("the router has dead-lettered it", async () =>
    (await get(port, "/metrics")).text.includes(
      'kloros_signals_dead_lettered_total{daemon="intent_router",signal="other"} 1',
    ),
  );
  const broken = readExposition((await get(port, "/metrics")).text);
  const unresolved = broken.get("kloros_dead_letters_unresolved")!.series;
  expect(unresolved.find(({ labels }) => labels["daemon"] === "intent_router")?.value).toBe(1);
  expect(broken.get("kloros_up")!.series.find(({ labels }) => labels["daemon"] === investigator)?.value).toBe(
    0,
  );
  const sick = await run("chem-bus", "check", ...calm, "--crit-dead", "0");
  expect(sick.code).toBe(2);
  expect(sick.stdout).toMatch(/^KLOROS CRITICAL - 3 of 4 daemons ready, 1 dead letter; dead letters: 1/u);
  expect(sick.stdout).toContain(`${investigator}: is stopped`);
  expect(mesh.process.exitCode).toBeNull();
});

it("the endpoint does not open itself to others by mistake", async () => {
  const home = join(await tempFolder(), "home");
  const refused = await run("kloros", "metrics", "serve", "--home", home, "--listen", "0.0.0.0:0");
  expect(refused.code).toBe(64);
  expect(refused.stderr).toContain("--allow-remote");
  const nobody = await run("kloros", "metrics", "--home", home);
  expect(nobody.code).toBe(69);
});
