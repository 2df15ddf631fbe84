/** Real programs of every kind, and what is left of them: nothing. */
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { js, livingWith, run, sh, tempFolder, until } from "./programs.ts";

it("gives back what a program printed and how it ended", async () => {
  expect(await run(sh("echo out; echo err >&2; exit 3"))).toMatchObject({
    kind: "exited",
    code: 3,
    stdout: "out\n",
    stderr: "err\n",
  });
  expect(await run(sh("kill -SEGV $$"))).toMatchObject({ kind: "signalled", signal: "SIGSEGV" });
});

it("hands over standard input whole, and does not mind a program that closes it or never reads it", async () => {
  const text = "line\n".repeat(100_000);
  expect((await run(["wc", "-c"], { stdin: text })).stdout.trim()).toBe(String(text.length));
  expect(await run(sh("exec <&-; echo done"), { stdin: text })).toMatchObject({
    kind: "exited",
    stdout: "done\n",
  });
  expect(await run(["true"], { stdin: text })).toMatchObject({ kind: "exited", code: 0 });
  expect(await run(["cat"])).toMatchObject({ kind: "exited", stdout: "" });
});

it("gives the program the environment that was named, the mark, and not ours", async () => {
  vi.stubEnv("SECRET_OF_OURS", "1");
  const { stdout, label } = await run(["env"], { env: { COLOUR: "green", LANG: "C" } });
  vi.unstubAllEnvs();
  const names = stdout
    .trim()
    .split("\n")
    .map((line) => line.split("=")[0]);
  expect(names).toEqual(expect.arrayContaining(["PATH", "COLOUR", "LANG", "KLOROS_RUN"]));
  expect(names).not.toContain("SECRET_OF_OURS");
  expect(stdout).toContain(`KLOROS_RUN=${label}`);
  expect(stdout).toContain("LANG=C\n");
});

it("ends a program that hangs, also one that ignores SIGTERM, when its time is up", async () => {
  const hanging = await run(["sleep", "600"], { timeoutMs: 150 });
  expect(hanging.kind).toBe("timeout");
  expect(hanging.durationMs).toBeGreaterThanOrEqual(149);
  const stubborn = await run(sh("trap '' TERM INT HUP; echo ready; while :; do sleep 1; done"), {
    timeoutMs: 500,
  });
  expect(stubborn).toMatchObject({ kind: "timeout", stdout: "ready\n" });
  expect(livingWith(stubborn.label)).toEqual([]);
});

it.each([
  ["children", "sleep 600 & sleep 601 & wait"],
  [
    "children that forked twice and began a session of their own",
    "(setsid sh -c 'sleep 600 & sleep 601' &) ; sleep 602",
  ],
  ["a crowd that keeps forking", "f() { while :; do (sleep 0.01 &) ; done; }; f & f & wait"],
])("a program that runs out of time takes %s with it", async (_what, script) => {
  const outcome = await run(sh(script), { timeoutMs: 300 });
  expect(outcome.kind).toBe("timeout");
  expect(livingWith(outcome.label)).toEqual([]);
});

it("a program that ended well has what it left running ended too, also in another session, also with the pipe in its hands", async () => {
  const quiet = await run(sh("(setsid sh -c 'sleep 600 & sleep 601' >/dev/null 2>&1 &); echo fine"));
  expect(quiet).toMatchObject({ kind: "exited", code: 0, stdout: "fine\n" });
  expect(livingWith(quiet.label)).toEqual([]);
  const holding = await run(sh("(setsid sleep 600 &); echo fine"));
  expect(holding).toMatchObject({ kind: "exited", code: 0, stdout: "fine\n" });
  expect(holding.wholeMs).toBeLessThan(10_000);
  expect(livingWith(holding.label)).toEqual([]);
});

it("a child that cleared its environment is ended with the group, and after it left the group when it was seen before", async () => {
  const inGroup = await run(sh("env -i sleep 613 & echo fine"));
  expect(inGroup).toMatchObject({ kind: "exited", code: 0 });
  expect(livingWith("sleep\x00613\x00")).toEqual([]);
  const seen = await run(sh("env -i setsid sleep 614 & sleep 600"), { timeoutMs: 500, memoryBytes: 1e9 });
  expect(seen.kind).toBe("timeout");
  expect(livingWith("sleep\x00614\x00")).toEqual([]);
});

it("a program that prints without end is ended at the limit, and costs no memory beyond it", async () => {
  const before = process.memoryUsage.rss();
  const outcome = await run(sh("yes 'all work and no play' | head -c 100000000"), { outputBytes: 10_000 });
  expect(outcome.kind).toBe("output-limit");
  expect(outcome.stdout).toHaveLength(10_000);
  expect(process.memoryUsage.rss() - before).toBeLessThan(30_000_000);
  const onError = await run(sh("yes oh >&2"), { outputBytes: 10_000 });
  expect(onError).toMatchObject({ kind: "output-limit", stdout: "" });
  const exact = await run(sh("head -c 10000 /dev/zero"), { outputBytes: 10_000 });
  expect(exact).toMatchObject({ kind: "exited", code: 0 });
});

it("a program that eats memory is ended soon after it passes its limit", async () => {
  const limit = 200_000_000;
  const outcome = await run(js("const kept = []; for (;;) kept.push(Buffer.alloc(4e6, 1));"), {
    memoryBytes: limit,
  });
  expect(outcome.kind).toBe("memory-limit");
  expect(outcome.peakMemoryBytes).toBeGreaterThan(limit);
});

it("the memory of several processes counts together", async () => {
  const eater = `${process.execPath} -e 'const kept = Buffer.alloc(60e6, 1); setTimeout(() => kept, 60000)'`;
  const outcome = await run(sh(`${eater} & ${eater} & ${eater} & wait`), { memoryBytes: 250_000_000 });
  expect(outcome.kind).toBe("memory-limit");
  expect(livingWith(outcome.label)).toEqual([]);
});

it("a program that burns CPU time is ended at its limit, its children's time counted in", async () => {
  const alone = await run(sh("while :; do :; done"), { cpuSeconds: 0.3 });
  expect(alone.kind).toBe("cpu-limit");
  expect(alone.cpuSeconds).toBeGreaterThanOrEqual(0.3);
  const together = await run(sh("for i in 1 2 3 4; do (while :; do :; done) & done; wait"), {
    cpuSeconds: 0.6,
  });
  expect(together.kind).toBe("cpu-limit");
  expect(livingWith(together.label)).toEqual([]);
});

it("tells how much CPU time a program used that was never looked at", async () => {
  const spin =
    "let used = 0; do { const { user, system } = process.cpuUsage(); used = user + system } while (used < 3e5)";
  const outcome = await run(js(spin));
  expect(outcome.kind).toBe("exited");
  expect(outcome.cpuSeconds).toBeGreaterThan(0.25);
});

it("says why a program cannot be started", async () => {
  const folder = await tempFolder();
  const text = join(folder, "notes.txt");
  const orphan = join(folder, "orphan");
  await writeFile(text, "no program");
  await writeFile(orphan, "#!/no/such/interpreter\n");
  await chmod(orphan, 0o755);
  const told = async (command: readonly string[], cwd = folder) => {
    const outcome = await run(command, { cwd, cpuSeconds: 5 });
    return outcome.kind === "cannot-start" ? outcome.message : outcome.kind;
  };
  expect(await told(["no-such-program-here"])).toMatch(/is in none of the folders of PATH/);
  expect(await told(["./missing"])).toMatch(/missing does not exist/);
  expect(await told(["./notes.txt"])).toMatch(/may not be executed: set its executable bit/);
  expect(await told([folder])).toMatch(/is no file/);
  expect(await told([orphan])).toMatch(/failed to execute/);
  expect(await told(["true"], join(folder, "gone"))).toMatch(/working folder .* does not exist/);
  expect(await told([])).toMatch(/the command is empty/);
  expect(await told(["echo", "a\0b"])).toMatch(/null bytes/);
  expect(await run(sh("exit 127"))).toMatchObject({ kind: "exited", code: 127 });
});

it("an abort ends the run; one that came before keeps it from starting", async () => {
  const folder = await tempFolder();
  const abort = new AbortController();
  const going = run(sh("touch started; sleep 600 & wait"), { cwd: folder, signal: abort.signal });
  await until(
    "it has started",
    async () => (await readFile(join(folder, "started")).catch(() => null)) !== null,
  );
  abort.abort();
  const outcome = await going;
  expect(outcome.kind).toBe("aborted");
  expect(livingWith(outcome.label)).toEqual([]);
  expect(await run(["touch", "second"], { cwd: folder, signal: abort.signal })).toMatchObject({
    kind: "aborted",
  });
  await expect(readFile(join(folder, "second"))).rejects.toThrow("ENOENT");
});

it("zombies do not count: a dead child that nobody asks for holds nothing up", async () => {
  const neglect =
    "const { spawn } = require('child_process'); process.kill(spawn('sleep', ['600']).pid, 'SIGKILL');";
  const outcome = await run(js(`${neglect} const until = Date.now() + 200; while (Date.now() < until);`), {
    memoryBytes: 1e9,
  });
  expect(outcome).toMatchObject({ kind: "exited", code: 0 });
  expect(outcome.wholeMs).toBeLessThan(5_000);
});

it("several runs at once, even with one label, end only themselves", async () => {
  const label = "bounded-test:shared:";
  const [short, long] = await Promise.all([
    run(["sleep", "600"], { label, timeoutMs: 200 }),
    run(sh("sleep 1; echo whole"), { label }),
  ]);
  expect(short.kind).toBe("timeout");
  expect(long).toMatchObject({ kind: "exited", stdout: "whole\n" });
});

it("leaves no timer and no listener behind", async () => {
  const abort = new AbortController();
  const timers = () => process.getActiveResourcesInfo().filter((what) => what === "Timeout").length;
  const before = timers();
  await run(["true"], { timeoutMs: 600_000, memoryBytes: 1e9, cpuSeconds: 100, signal: abort.signal });
  expect(timers()).toBeLessThanOrEqual(before);
});
