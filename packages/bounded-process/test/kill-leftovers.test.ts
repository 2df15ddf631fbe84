/** What outlives a daemon that is killed with -9, and how the next one ends it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { killLeftovers } from "../src/index.ts";
import { livingWith, newLabel, sh, until } from "./programs.ts";

const CHILD = fileURLToPath(new URL("children/run-for-ever.mjs", import.meta.url));

/** A daemon in a process of its own that runs `script`. */
function daemonRunning(label: string, script: string) {
  const child = spawn(process.execPath, [CHILD, label, ...sh(script)], { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  onTestFinished(async () => {
    await killLeftovers(label);
  });
  return child;
}

it("a program dies with the daemon that ran it; what it started is ended by its mark", async () => {
  const label = newLabel();
  const daemon = daemonRunning(label, "(setsid sleep 600 &); exec sleep 601");
  const marked = `KLOROS_RUN=${label}`;
  await until("both sleep", () => livingWith(marked).length === 2);
  daemon.kill("SIGKILL");
  await once(daemon, "exit");
  await until("the program itself is gone", () => livingWith(marked).length === 1);
  expect(await killLeftovers(label)).toBe(1);
  expect(livingWith(marked)).toEqual([]);
  expect(await killLeftovers(label)).toBe(0);
});

it("runs with another label are left alone, and an empty one is refused", async () => {
  const label = newLabel();
  daemonRunning(label, "sleep 600");
  await until("it runs", () => livingWith(`KLOROS_RUN=${label}`).length > 0);
  expect(await killLeftovers(`${label}other`)).toBe(0);
  expect(livingWith(`KLOROS_RUN=${label}`).length).toBeGreaterThan(0);
  await expect(killLeftovers("")).rejects.toThrow(RangeError);
});
