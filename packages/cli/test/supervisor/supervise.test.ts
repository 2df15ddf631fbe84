/** The supervisor's shell with real processes. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import type { Program } from "../../src/supervisor/child-process.ts";
import { DEFAULT_LIMITS, type SupervisorLimits } from "../../src/supervisor/limits.ts";
import type { Child } from "../../src/supervisor/state.ts";
import { type Report, supervise, type Supervisor } from "../../src/supervisor/supervise.ts";
import { isRunning, until } from "../until.ts";

const CHILD = fileURLToPath(new URL("fixtures/child.mjs", import.meta.url));
const RUN_SUPERVISOR = fileURLToPath(new URL("fixtures/run-supervisor.mjs", import.meta.url));
const FAST: SupervisorLimits = {
  ...DEFAULT_LIMITS,
  heartbeatMs: 1_500,
  abortMs: 300,
  drainMs: 1_500,
  backoffBaseMs: 20,
};

interface Run {
  readonly supervisor: Supervisor;
  readonly lines: string[];
  readonly reports: Report[];
  child(name: string): Child;
}

const open: Supervisor[] = [];
afterEach(async () => {
  for (const supervisor of open.splice(0)) {
    for (let word = 0; word < 3; word++) supervisor.order({ kind: "stop-all" });
    await supervisor.ended;
  }
});

function program(name: string, ...manners: string[]): Program {
  return { name, command: process.execPath, args: [CHILD, name, ...manners] };
}

function run(programs: readonly Program[], limits: SupervisorLimits = FAST): Run {
  const lines: string[] = [];
  const reports: Report[] = [];
  const supervisor = supervise({
    programs,
    limits,
    onLine: (name, stream, line) => lines.push(`${name} ${stream} ${line}`),
    onReport: (report) => reports.push(report),
  });
  open.push(supervisor);
  const child = (name: string): Child => {
    const found = supervisor.state().children.find((each) => each.name === name);
    if (!found) throw new Error(`no child ${name}`);
    return found;
  };
  return { supervisor, lines, reports, child };
}

const ready = (each: Run, name: string): Promise<number> =>
  until(`${name} is ready`, () => each.child(name).phase.kind === "ready" && each.child(name).pid);

describe("the supervisor with real processes", () => {
  test("tells ready, status and output of a child", async () => {
    const mesh = run([program("a")]);
    const pid = await ready(mesh, "a");
    await until("status and output", () => mesh.child("a").status === "at work" && mesh.lines.length > 0);
    expect(mesh.lines).toContain(`a stdout pid ${String(pid)}`);
  });

  test("starts a child that was killed with -9 again, under a new pid", async () => {
    const mesh = run([program("a")]);
    const pid = await ready(mesh, "a");
    process.kill(pid, "SIGKILL");
    await until("a new process", () => mesh.child("a").run === 2 && mesh.child("a").phase.kind === "ready");
    expect(mesh.child("a").pid).not.toBe(pid);
    expect(await isRunning(pid)).toBe(false);
  });

  test("gives a crash loop up and says so, while the other child keeps running", async () => {
    const mesh = run([program("a", "exit-at-once"), program("b")]);
    await ready(mesh, "b");
    await until("a failed", () => mesh.child("a").phase.kind === "failed");
    expect(mesh.child("a").run).toBe(5);
    expect(mesh.reports.filter(({ level }) => level === "error")).toHaveLength(1);
    expect(mesh.child("b")).toMatchObject({ phase: { kind: "ready" }, run: 1 });
  });

  test.each(["bad-config", "twin"])("does not start a child again that ends with %s", async (manner) => {
    const mesh = run([program("a", manner)]);
    await until("a failed", () => mesh.child("a").phase.kind === "failed");
    expect(mesh.child("a").run).toBe(1);
  });

  test("starts a program that cannot be executed as often as any other, then gives up", async () => {
    const mesh = run([{ name: "a", command: "/nonexistent/program", args: [] }]);
    await until("a failed", () => mesh.child("a").phase.kind === "failed");
    expect(mesh.child("a").run).toBe(5);
  });

  test("restarts a child whose event loop hangs", async () => {
    const mesh = run([program("a", "hang")]);
    const pid = await ready(mesh, "a");
    await until("the hang is noticed", () => mesh.reports.some(({ message }) => message.startsWith("Hangs")));
    await until("a second process", () => mesh.child("a").run === 2);
    expect(await isRunning(pid)).toBe(false);
  });

  test("restarts a child that was stopped with SIGSTOP", async () => {
    const mesh = run([program("a")]);
    const pid = await ready(mesh, "a");
    process.kill(pid, "SIGSTOP");
    await until(
      "a second process",
      () => mesh.child("a").run === 2 && mesh.child("a").phase.kind === "ready",
    );
    expect(await isRunning(pid)).toBe(false);
  });

  test("kills a child that ignores SIGTERM, but only after its drain deadline", async () => {
    const mesh = run([program("a", "ignore-sigterm")]);
    const pid = await ready(mesh, "a");
    const asked = performance.now();
    mesh.supervisor.order({ kind: "stop-all" });
    await mesh.supervisor.ended;
    expect(performance.now() - asked).toBeGreaterThanOrEqual(FAST.drainMs - 50);
    expect(await isRunning(pid)).toBe(false);
  });

  test("stops all in their order, the next when the one before has ended", async () => {
    const mesh = run([program("a", "slow-stop"), program("b", "slow-stop"), program("c")]);
    await Promise.all(["a", "b", "c"].map((name) => ready(mesh, name)));
    mesh.supervisor.order({ kind: "stop-all" });
    await mesh.supervisor.ended;
    const times = ["a", "b", "c"].map((name) => {
      const line = mesh.lines.find((each) => each.includes(`${name} stops at`)) ?? "";
      return Number(line.split(" ").at(-1));
    });
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(290);
    expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThanOrEqual(290);
    expect(mesh.supervisor.state().children.map(({ phase }) => phase.kind)).toEqual([
      "stopped",
      "stopped",
      "stopped",
    ]);
  });

  test("leaves a child stopped that ended after SIGTERM from outside", async () => {
    const mesh = run([program("a")]);
    process.kill(await ready(mesh, "a"), "SIGTERM");
    await until("a stopped", () => mesh.child("a").phase.kind === "stopped");
    expect(mesh.child("a").run).toBe(1);
  });

  test("restarts one child on request and leaves the other alone", async () => {
    const mesh = run([program("a"), program("b")]);
    await Promise.all([ready(mesh, "a"), ready(mesh, "b")]);
    mesh.supervisor.order({ kind: "restart", name: "a" });
    await until("a is new", () => mesh.child("a").run === 2 && mesh.child("a").phase.kind === "ready");
    expect(mesh.child("b").run).toBe(1);
  });

  test("holds a chatty child back while its output is paused", async () => {
    const mesh = run([program("a", "chatty")], { ...FAST, heartbeatMs: 30_000 });
    await until("output", () => mesh.lines.length > 1_000);
    mesh.supervisor.pauseOutput();
    const before = mesh.lines.length;
    await until("it is held back", async () => {
      const now = mesh.lines.length;
      await sleep(100);
      return mesh.lines.length === now;
    });
    expect(mesh.lines.length - before).toBeLessThan(2_000); // What was already in the pipe.
    mesh.supervisor.resumeOutput();
    await until("output goes on", () => mesh.lines.length > before + 3_000);
  });
});

describe("a supervisor that is itself killed with -9", () => {
  async function killedSupervisor(programs: readonly Program[], env: NodeJS.ProcessEnv): Promise<number[]> {
    const args = [RUN_SUPERVISOR, JSON.stringify(programs)];
    const supervisor = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], env });
    let text = "";
    supervisor.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    const pids = await until("all pids", () => {
      const found = [...text.matchAll(/pid (\d+)/gu)].map(([, pid]) => Number(pid));
      return found.length === programs.length && found;
    });
    process.kill(pids[0] ?? 0, env === process.env ? "SIGSTOP" : "SIGCONT");
    supervisor.kill("SIGKILL");
    await once(supervisor, "exit");
    return pids;
  }

  const allGone = (pids: readonly number[]): Promise<unknown> =>
    until("all are gone", async () => !(await Promise.all(pids.map(isRunning))).includes(true), 5_000);

  test("leaves no orphan, not even one that is stopped or that ignores its stdin and SIGTERM", async () => {
    const programs = [program("a"), program("b", "ignore-stdin", "ignore-sigterm"), program("c")];
    await allGone(await killedSupervisor(programs, process.env));
  });

  test("leaves no orphan without setpriv either, as long as the children heed the end of their stdin", async () => {
    await allGone(
      await killedSupervisor([program("a"), program("b")], { ...process.env, PATH: "/nonexistent" }),
    );
  });
});
