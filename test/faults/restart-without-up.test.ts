/**
 * Restarts where nobody but a service manager looks after the daemons: a monitor that can ask only the daemon itself, and end
 * its process. The service manager is played by a loop that starts again what ends, as `Restart=always` does.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askDaemon } from "@kloros/client";
import type { Envelope } from "@kloros/bus";
import { expect, it, onTestFinished } from "vitest";
import { ROOT } from "../mesh/commands.ts";
import { eventually } from "../mesh/eventually.ts";
import { readSignals } from "../mesh/signals.ts";
import { tempFolder } from "../mesh/temp-folder.ts";

const DAEMON = "capability_integrator_daemon";
const FAST = [
  "--health-interval",
  "200ms",
  "--check-heartbeat",
  "1s/500ms,2s/500ms",
  "--restart-patience",
  "500ms",
];

/** Started again whenever it ends, until it is stopped. */
class Service {
  child: ChildProcess;
  starts = 0;
  #wanted = true;
  readonly #main: string;
  readonly #args: readonly string[];

  constructor(name: string, args: readonly string[]) {
    this.#main = join(ROOT, "packages", name, "dist", "main.js");
    this.#args = args;
    this.child = this.#start();
    onTestFinished(async () => {
      this.#wanted = false;
      await this.#end("SIGKILL");
    });
  }

  /** As `systemctl stop` does. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    this.#wanted = false;
    await this.#end(signal);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    this.child.kill(signal);
    await ended;
  }

  start(): void {
    this.#wanted = true;
    this.child = this.#start();
  }

  #start(): ChildProcess {
    this.starts++;
    // The name of a socket, which nobody reads, is enough for a daemon to know that somebody starts it again.
    const env = { ...process.env, NOTIFY_SOCKET: join(tmpdir(), "kloros-nobody") };
    const child = spawn(process.execPath, [this.#main, ...this.#args], { stdio: "ignore", env });
    child.on("exit", () => {
      if (this.#wanted) this.child = this.#start();
    });
    return child;
  }
}

it(
  "a daemon is asked to end itself, ended when it is deaf, and left alone when it was stopped",
  { timeout: 90_000 },
  async () => {
    const folder = await tempFolder();
    const home = join(folder, "home");
    await mkdir(home, { mode: 0o700 });
    const places = ["--home", home, "--workspace", folder];
    const service = new Service("capability-integrator", places);
    new Service("orchestrator-monitor", [...places, ...FAST]);
    const ask = <T>(daemon: string, event: string, data: object = {}): Promise<T> =>
      askDaemon<T>(join(home, "run", `${daemon}.sock`), event, data);
    const ready = async (daemon: string): Promise<void> => {
      await eventually(`${daemon} is ready`, async () => {
        const health = await ask<{ state: string }>(daemon, "system:health").catch(() => null);
        return health?.state === "ready";
      });
    };
    await Promise.all([ready(DAEMON), ready("orchestrator_monitor")]);
    const told = async (name: string): Promise<readonly Envelope["facts"][]> =>
      ((await readSignals(home)).get(name) ?? []).map(({ facts }) => facts);
    const restart = async (): Promise<Envelope["facts"]> => {
      const before = [...(await told("Q_DAEMON_RESTARTED")), ...(await told("Q_DAEMON_RESTART_FAILED"))]
        .length;
      const facts = { daemon: DAEMON, reason: "a test asks" };
      await ask("orchestrator_monitor", "signal:emit", { signal: "Q_DAEMON_RESTART_REQUESTED", facts });
      return eventually("it is answered", async () => {
        const answers = [...(await told("Q_DAEMON_RESTARTED")), ...(await told("Q_DAEMON_RESTART_FAILED"))];
        return answers.length > before && answers.at(-1);
      });
    };

    const first = service.child.pid;
    expect(await restart()).toMatchObject({
      method: "control_socket",
      pid_before: first,
      pid: service.child.pid,
    });
    expect(service.starts).toBe(2);

    const second = service.child.pid!;
    process.kill(second, "SIGSTOP");
    expect(await restart()).toMatchObject({ method: "killed", pid_before: second, pid: service.child.pid });
    expect(service.starts).toBe(3);

    await service.stop();
    expect(await restart()).toMatchObject({ error_type: "StoppedOnPurpose" });
    expect((await told("Q_HEALTH_ALERT")).filter(({ subject }) => subject === DAEMON)).toEqual([]);

    // Killed and given up by its service manager: meant to run, and it does not.
    service.start();
    await ready(DAEMON);
    await service.stop("SIGKILL");
    const alert = await eventually("it is told", async () =>
      (await told("Q_HEALTH_ALERT")).find(({ severity }) => severity === "critical"),
    );
    expect(alert).toMatchObject({
      alert_type: "daemon_unresponsive",
      subject: DAEMON,
      recommended_action: "look_at_the_log",
    });
  },
);
