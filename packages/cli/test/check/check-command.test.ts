/** `chem-bus check` as monitoring systems run it: the line, the exit code, and never longer than it may. */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { chemBusProgram } from "../../src/chem-bus/program.ts";
import { runProgram } from "../../src/program/run-program.ts";
import { fakeDaemon, fakeSupervisor } from "../fake-daemon.ts";
import { temporaryFolder } from "../run-cli.ts";

const HEALTH = { state: "ready", uptime_s: 5, lag: 3, stuck: null, stats: { paused: [] } };

async function homeWith(daemons: Readonly<Record<string, object | null>>): Promise<string> {
  const { path, remove } = temporaryFolder();
  onTestFinished(remove);
  await fakeSupervisor(path, Object.fromEntries(Object.keys(daemons).map((name) => [name, {}])));
  for (const [name, answers] of Object.entries(daemons)) await fakeDaemon(path, name, answers as never);
  return path;
}

/** The command in this process; its output and its exit code. */
async function run(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const out = { stdout: "", stderr: "" };
  const listeners = [process.stdout, process.stderr].map(
    (stream) => [stream, stream.listeners("error")] as const,
  );
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((chunk: unknown, ...rest: unknown[]) => {
      out[name] += String(chunk);
      const done = rest.at(-1);
      if (typeof done === "function") (done as () => void)();
      return true;
    }),
  );
  const exit = vi.spyOn(process, "exit").mockImplementation(((code: number) => {
    throw Object.assign(new Error("exit"), { code });
  }) as never);
  const code = await runProgram(await chemBusProgram(["check"]), ["check", ...argv]).catch(
    (error: unknown) => (error as { code: number }).code,
  );
  for (const spy of [...spies, exit]) spy.mockRestore();
  for (const [stream, known] of listeners)
    for (const listener of stream.listeners("error"))
      if (!known.includes(listener)) stream.off("error", listener as () => void);
  process.exitCode = undefined;
  return { code, ...out };
}

test("a mesh that is well is OK, and its figures are perfdata", async () => {
  const home = await homeWith({ a: { "system:health": HEALTH }, b: { "system:health": HEALTH } });
  const { code, stdout, stderr } = await run("--home", home);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toBe(
    "KLOROS OK - 2 daemons ready, 0 dead letters | ready=2;2:;;0;2 lag=3;1000;10000;0 dead_letters=0;10;100;0 event_loop_p99=0ms;250;2000;0\n",
  );
});

test("thresholds are the caller's, and - switches one off", async () => {
  const home = await homeWith({ a: { "system:health": HEALTH } });
  appendFileSync(
    join(home, "failed_signals.jsonl"),
    `${JSON.stringify({ id: "x", daemon: "a", error: "e" })}\n`,
  );
  expect(await run("--home", home, "--warn-lag", "2")).toMatchObject({ code: 1 });
  expect(await run("--home", home, "--crit-lag", "2")).toMatchObject({ code: 2 });
  expect(await run("--home", home, "--warn-lag", "-", "--crit-lag", "-")).toMatchObject({ code: 0 });
  expect(await run("--home", home, "--crit-dead", "0")).toMatchObject({ code: 2 });
  const json = await run("--home", home, "--warn-dead", "0", "--json");
  expect(JSON.parse(json.stdout)).toMatchObject({
    status: "WARNING",
    exit_code: 1,
    dead_letters: 1,
    problems: [{ level: "WARNING", subject: "dead letters" }],
  });
});

test("one daemon can be asked for alone", async () => {
  const home = await homeWith({ well: { "system:health": HEALTH }, hangs: null });
  expect(await run("--home", home, "--daemon", "well")).toMatchObject({ code: 0 });
  const sick = await run("--home", home, "--daemon", "hangs", "--timeout", "500ms");
  expect(sick).toMatchObject({ code: 2 });
  expect(sick.stdout).toMatch(
    /^KLOROS CRITICAL - 0 of 1 daemons ready, 0 dead letters; hangs: runs, but does not answer \|/u,
  );
});

test("what cannot be answered is UNKNOWN, in one line on standard output: a wrong option, a name, a home", async () => {
  const home = await homeWith({ a: { "system:health": HEALTH } });
  const mistakes = [
    ["--home", home, "--warn-lag", "many"],
    ["--home", home, "--no-such-option"],
    ["--home", home, "--timeout"],
    ["--home", home, "--daemon", "b"],
    ["--home", join(home, "nowhere")],
  ];
  for (const argv of mistakes) {
    const { code, stdout, stderr } = await run(...argv);
    expect({ argv, code, stderr }).toEqual({ argv, code: 3, stderr: "" });
    expect(stdout).toMatch(/^KLOROS UNKNOWN - [^\n]+\n$/u);
  }
  expect(await run("--help")).toMatchObject({ code: 0 });
});

test("a mesh that hangs altogether is judged in time", async () => {
  const home = await homeWith({ a: null, b: null });
  const begun = performance.now();
  expect(await run("--home", home, "--timeout", "600ms")).toMatchObject({ code: 2 });
  expect(performance.now() - begun).toBeLessThan(3_000);
});
