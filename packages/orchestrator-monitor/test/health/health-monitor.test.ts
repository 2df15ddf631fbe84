/** The health monitor on a real node, with a machine in the test's hand. */
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type EmittedSignal, ensureHome, loadContracts, openNode } from "@kloros/bus";
import type { Logger } from "@kloros/daemon";
import { expect, it, onTestFinished } from "vitest";
import { settings } from "../../src/config.ts";
import { HealthMonitor } from "../../src/health/health-monitor.ts";
import type { Machine } from "../../src/health/machine.ts";

const contracts = loadContracts();
const noop = (): void => undefined;
const silent = { debug: noop, info: noop, warn: noop, error: noop } as unknown as Logger;

class FakeMachine implements Machine {
  usedPercent = 50;
  wallJumpMs = 0;
  disk = async () => {
    const free = 1_000 - 10 * this.usedPercent;
    return { blocks: 1_000, bfree: free, bavail: free, files: 0, ffree: 0 };
  };
  memory = () => ({ totalBytes: 100, availableBytes: 80 });
  clocks = () => ({ wallMs: Date.now() + this.wallJumpMs, bootMs: performance.now() });
  elapsedMs = () => performance.now();
}

interface Lab {
  readonly home: string;
  readonly machine: FakeMachine;
  readonly told: string[];
  start(): Promise<{ monitor: HealthMonitor; stop(isKilled?: boolean): Promise<void> }>;
}

async function lab(): Promise<Lab> {
  const home = await mkdtemp(join(tmpdir(), "kloros-health-"));
  onTestFinished(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  await ensureHome(home);
  const machine = new FakeMachine();
  const told: string[] = [];
  const onEmitted = ({ facts }: EmittedSignal): void => {
    const { severity, alert_type, metric_value } = facts as Record<string, string>;
    told.push(`${severity} ${alert_type} ${metric_value}`);
  };
  return {
    home,
    machine,
    told,
    async start() {
      const node = await openNode({ daemon: "orchestrator_monitor", home, contracts, hooks: { onEmitted } });
      const config = { ...settings.defaults(), health_interval: 20, health_sustain: 0 };
      const stopping = new AbortController().signal;
      const monitor = new HealthMonitor(
        { node, config, home, workspace: home, log: silent, stopping },
        machine,
      );
      monitor.start();
      let stopped = false;
      const stop = async (isKilled = false): Promise<void> => {
        if (stopped) return;
        stopped = true;
        // Killed: nothing is kept at the end. The timer that is left finds a closed node and says so.
        if (!isKilled) await monitor.stop();
        await node.close();
        await monitor.stop();
      };
      onTestFinished(() => stop());
      return { monitor, stop };
    },
  };
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > giveUpAt) throw new Error(`not in time: ${what}`);
    await sleep(5);
  }
}

it("a disk that fills up is told at each threshold once, across restarts, and when there is room again", async () => {
  const { machine, told, start } = await lab();
  const first = await start();
  machine.usedPercent = 82;
  await until("a warning", () => told.length === 1);
  await first.stop(true);
  const second = await start();
  await until("a look", () => second.monitor.health()["looked_at"] !== null);
  machine.usedPercent = 96;
  await until("critical", () => told.length === 2);
  await second.stop();
  machine.usedPercent = 10;
  const third = await start();
  await until("over", () => told.length === 3);
  expect(told).toEqual([
    "warning disk_space_low 82%",
    "critical disk_space_low 96%",
    "info disk_space_low 10%",
  ]);
  const { level, checks } = third.monitor.control["health:checks"]();
  expect(level).toBe("ok");
  expect(checks.map(({ check, text }) => `${check} ${text}`)).toContain("memory 20%");
});

it("a clock that is set is told once for each time, also when it went back while nobody watched", async () => {
  const { machine, told, start } = await lab();
  const first = await start();
  await until("a look", () => first.monitor.health()["looked_at"] !== null);
  machine.wallJumpMs = 7_200_000;
  await until("forward", () => told.length === 1);
  await first.stop();
  machine.wallJumpMs = 0;
  await start();
  await until("back", () => told.length === 2);
  expect(told).toEqual([
    "warning clock_jumped 2 h forward",
    expect.stringMatching(/^warning clock_jumped (2 h|120 min) back$/),
  ]);
});

it("dead letters are counted as they are written, those of alerts excepted, and old ones not", async () => {
  const { home, told, start } = await lab();
  const letter = (signal: string, daysAgo = 0): string => {
    const timestamp = new Date(Date.now() - daysAgo * 86_400_000).toISOString();
    return `${JSON.stringify({ id: `${Math.random()}`, signal: { signal }, error: "e", daemon: "d", timestamp })}\n`;
  };
  const write = (text: string): Promise<void> => appendFile(join(home, "failed_signals.jsonl"), text);
  await write(
    letter("Q_X_Y", 2).repeat(50) + letter("Q_HEALTH_ALERT").repeat(50) + letter("Q_X_Y").repeat(9),
  );
  const { monitor } = await start();
  await until("a look", () => monitor.health()["looked_at"] !== null);
  expect(
    monitor.control["health:checks"]().checks.find(({ check }) => check === "dead_letters"),
  ).toMatchObject({
    value: 9,
    level: "ok",
  });
  await write(letter("Q_X_Y"));
  await until("a warning", () => told.length === 1);
  await write(letter("Q_X_Y").repeat(90));
  await until("critical", () => told.length === 2);
  expect(told).toEqual(["warning dead_letters 10 letters", "critical dead_letters 100 letters"]);
});
