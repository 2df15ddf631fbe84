/**
 * A daemon that does not answer is told of once and restarted by policy; a restart that was asked for is carried out once,
 * whatever is killed meanwhile; who was stopped on purpose stays stopped; and there is an end to restarting.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { askDaemon } from "@kloros/client";
import type { Envelope } from "@kloros/bus";
import { expect, it } from "vitest";
import { ask, EXAMPLE_WORKSPACE } from "../mesh/commands.ts";
import { eventually } from "../mesh/eventually.ts";
import { type Daemon, type RunningMesh, startMesh } from "../mesh/running-mesh.ts";
import { readSignals } from "../mesh/signals.ts";
import { tempFolder } from "../mesh/temp-folder.ts";

const MONITOR = "orchestrator_monitor";
const DEAF = "dream_consumer_daemon";
/** Nobody but the policy is to notice in time: the supervisor's own patience is longer than the test. */
const SETTINGS = `supervisor: {heartbeat: 1h, backoff_base: 10ms, backoff_cap: 50ms}
daemons:
  ${MONITOR}: {health_interval: 200ms, check_heartbeat: [1s/500ms, 2s/500ms], restart_patience: 500ms}
`;

async function facts(mesh: RunningMesh, name: string, daemon: string): Promise<readonly Envelope["facts"][]> {
  const signals = (await readSignals(mesh.home)).get(name) ?? [];
  return signals
    .map((signal) => signal.facts)
    .filter((one) => [one["daemon"], one["subject"]].includes(daemon));
}

async function request(mesh: RunningMesh, daemon: string): Promise<void> {
  const asked = { signal: "Q_DAEMON_RESTART_REQUESTED", facts: { daemon, reason: "a test asks" } };
  await askDaemon(join(mesh.home, "run", `${MONITOR}.sock`), "signal:emit", asked);
}

async function supervised(mesh: RunningMesh, daemon: Daemon) {
  const found = (await mesh.daemons()).find(({ name }) => name === daemon);
  return found ?? { state: "unknown", pid: null, restarts: -1 };
}

it(
  "a mesh heals itself, once for each trouble, and not against anybody's will",
  { timeout: 120_000 },
  async () => {
    const folder = await tempFolder();
    const home = join(folder, "home");
    await mkdir(home, { mode: 0o700 });
    const mesh = await startMesh({ home, workspace: EXAMPLE_WORKSPACE, settings: SETTINGS });

    const { pid: deafPid } = await supervised(mesh, DEAF);
    process.kill(deafPid!, "SIGSTOP");
    await eventually("kloros status shows the check", async () => {
      const status = await ask<{ checks: { check: string; subject: string; level: string }[] }>(
        "kloros",
        "status",
        "--home",
        home,
      );
      return status.checks.some(
        ({ check, subject, level }) => check === "heartbeat" && subject === DEAF && level !== "ok",
      );
    });
    await eventually("it runs anew", async () => {
      const { state, pid } = await supervised(mesh, DEAF);
      return state === "ready" && pid !== deafPid;
    });
    await eventually("it is over", async () =>
      (await facts(mesh, "Q_HEALTH_ALERT", DEAF)).some(({ severity }) => severity === "info"),
    );
    const alerts = await facts(mesh, "Q_HEALTH_ALERT", DEAF);
    expect(alerts.filter(({ severity }) => severity === "critical")).toHaveLength(1);
    expect(alerts.every(({ alert_type }) => alert_type === "daemon_unresponsive")).toBe(true);
    expect(await facts(mesh, "Q_DAEMON_RESTARTED", DEAF)).toMatchObject([
      { method: "killed", pid_before: deafPid },
    ]);
    const story = (await readSignals(home)).get("Q_DAEMON_RESTARTED")?.[0]?.correlation_id ?? "";
    const trace = await ask<{ signal: string }[]>("chem-bus", "trace", story, "--home", home);
    expect(trace.map(({ signal }) => signal).slice(0, 3)).toEqual([
      "Q_HEALTH_ALERT",
      "Q_DAEMON_RESTART_REQUESTED",
      "Q_DAEMON_RESTARTED",
    ]);

    // Asked for, and the monitor killed over it; the monitor itself, too.
    const INTEGRATOR = "capability_integrator_daemon";
    await request(mesh, INTEGRATOR);
    process.kill((await supervised(mesh, MONITOR)).pid!, "SIGKILL");
    await eventually(
      "it was restarted",
      async () => (await facts(mesh, "Q_DAEMON_RESTARTED", INTEGRATOR)).length > 0,
    );
    expect(await supervised(mesh, INTEGRATOR)).toMatchObject({ state: "ready", restarts: 1 });
    const { pid: monitorPid } = await supervised(mesh, MONITOR);
    await request(mesh, MONITOR);
    await eventually(
      "so was the monitor",
      async () => (await facts(mesh, "Q_DAEMON_RESTARTED", MONITOR)).length > 0,
    );
    expect(await facts(mesh, "Q_DAEMON_RESTARTED", MONITOR)).toMatchObject([
      { method: "supervisor", pid_before: monitorPid },
    ]);

    // Stopped on purpose: it stays so, and nobody is called.
    const STOPPED = "tournament_consumer_daemon";
    await askDaemon(join(home, "run", "kloros-up.sock"), "supervisor:stop", { daemon: STOPPED });
    await eventually("it is stopped", async () => (await supervised(mesh, STOPPED)).state === "stopped");
    await request(mesh, STOPPED);
    await eventually(
      "it is refused",
      async () => (await facts(mesh, "Q_DAEMON_RESTART_FAILED", STOPPED)).length > 0,
    );
    expect(await facts(mesh, "Q_DAEMON_RESTART_FAILED", STOPPED)).toMatchObject([
      { error_type: "StoppedOnPurpose" },
    ]);

    // Twice in an hour is enough.
    await request(mesh, DEAF);
    await eventually(
      "a second time",
      async () => (await facts(mesh, "Q_DAEMON_RESTARTED", DEAF)).length === 2,
    );
    await request(mesh, DEAF);
    const called = await eventually("somebody is called", async () => {
      const told = await facts(mesh, "Q_HEALTH_ALERT", DEAF);
      return told.find(({ alert_type }) => alert_type === "daemon_not_restarted");
    });
    expect(called).toMatchObject({ severity: "critical", metric_value: "TooManyRestarts" });
    expect((await supervised(mesh, DEAF)).restarts).toBe(2);
    expect(await supervised(mesh, STOPPED)).toMatchObject({ state: "stopped" });
    expect(await facts(mesh, "Q_HEALTH_ALERT", STOPPED)).toEqual([]);
    expect(await facts(mesh, "Q_DAEMON_RESTARTED", INTEGRATOR)).toHaveLength(1);
  },
);
