/** A unit of the test daemon `children/watched.mjs`, and what systemd and the daemon say of it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { askDaemon } from "@kloros/client";
import { eventually } from "../mesh/eventually.ts";
import { type PrivateSystemd, REPO_INSIDE } from "./private-systemd.ts";

export interface WatchedUnit {
  readonly name: string;
  readonly home: string;
  ask<T = Record<string, unknown>>(event: string, data?: unknown): Promise<T>;
  /** Properties of `systemctl show`. */
  show(...properties: string[]): Promise<Record<string, string>>;
  /** Waits until systemd has restarted it at least `times` and it is ready again. */
  restarted(times?: number): Promise<void>;
  /** Waits until it is active. */
  ready(): Promise<void>;
}

export interface WatchedOptions {
  /** Lines of the unit's [Service], besides or above those below. */
  readonly service?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Writes the unit `watched-<name>.service`; its home lies under `homes`, on both sides at the same place. */
export async function writeWatchedUnit(
  systemd: PrivateSystemd,
  homes: string,
  name: string,
  { service = [], environment = {} }: WatchedOptions = {},
): Promise<WatchedUnit> {
  const home = join(homes, name);
  mkdirSync(home, { mode: 0o700 });
  const variables = {
    KLOROS_HOME: home,
    KLOROS_CONTRACT_DIRS: `${REPO_INSIDE}/test/systemd/children/contracts`,
    KLOROS_LIMITS_ABORT_GRACE_MS: "200ms",
    ...environment,
  };
  const unit = [
    "[Unit]",
    "StartLimitIntervalSec=60",
    "StartLimitBurst=20",
    "[Service]",
    "Type=notify",
    `ExecStart=/usr/bin/node ${REPO_INSIDE}/test/systemd/children/watched.mjs`,
    ...Object.entries(variables).map(([key, value]) => `Environment=${key}=${value}`),
    "Restart=always",
    "RestartSec=100ms",
    "RestartPreventExitStatus=78",
    "WatchdogSec=2s",
    "TimeoutAbortSec=2s",
    "LimitCORE=0",
    ...service,
    "",
  ].join("\n");
  const id = `watched-${name}.service`;
  await systemd.exec(["tee", `/etc/systemd/system/${id}`], { input: unit });
  const show = async (...properties: string[]) => {
    const { stdout } = await systemd.exec(["systemctl", "show", id, "-p", properties.join(",")]);
    return Object.fromEntries(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.split(/=(.*)/su, 2) as [string, string]),
    );
  };
  const ready = async () => {
    await eventually(`${id} is active`, async () => (await show("ActiveState"))["ActiveState"] === "active");
  };
  return {
    name: id,
    home,
    ask: (event, data) => askDaemon(join(home, "run", "watched.sock"), event, data),
    show,
    ready,
    async restarted(times = 1) {
      await eventually(`${id} is restarted ${times} times`, async () => {
        const { NRestarts, ActiveState } = await show("NRestarts", "ActiveState");
        return Number(NRestarts) >= times && ActiveState === "active";
      });
    },
  };
}
