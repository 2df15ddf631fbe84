import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { acquireFileLock } from "@kloros/bus";
import { describe, expect, test } from "vitest";
import { IS_ROOT, newHome, smallDisk, startDaemon } from "./daemon-process.ts";

describe("a daemon that starts", () => {
  test("creates its home, is ready, tells its supervisor, answers on its socket, and stops with 0 on SIGTERM", async () => {
    const daemon = startDaemon("greeter", { home: join(newHome(), "new") });
    await daemon.noticed("READY=1");
    await daemon.noticed("WATCHDOG=1");
    expect(daemon.notices).toContain("STATUS=greeting with Hello (0 emitted, 0 handled, lag 0)");
    expect(await daemon.ask("system:health")).toMatchObject({
      daemon: "hello_greeter",
      state: "ready",
      pid: daemon.child.pid,
      status: "greeting with Hello",
      mood: "fine",
      lag: 0,
      stuck: null,
      stats: { emitted: 0, oldestHandlerMs: 0 },
    });
    expect(statSync(join(daemon.home, "run", "hello_greeter.sock")).mode & 0o777).toBe(0o600);
    daemon.child.kill("SIGTERM");
    expect(await daemon.exit).toEqual({ code: 0, signal: null });
    expect(daemon.notices).toContain("STOPPING=1");
    expect(daemon.logs.map((line) => line["msg"])).toEqual([
      "Ready",
      "Stopping",
      "Greeter stops its intake",
      "Stopped",
    ]);
    expect(existsSync(join(daemon.home, "run", "hello_greeter.sock"))).toBe(false);
    expect(acquireFileLock(join(daemon.home, "run", "hello_greeter.lock"), { name: "test" }).kind).toBe(
      "held",
    );
    expect(daemon.stderr()).toBe("");
  });

  test.each(["SIGINT", "system:shutdown"])("stops with 0 on %s", async (way) => {
    const daemon = startDaemon("greeter");
    await daemon.logged("Ready");
    if (way === "SIGINT") daemon.child.kill("SIGINT");
    else expect(await daemon.ask(way)).toMatchObject({ stopping: true });
    expect(await daemon.exit).toEqual({ code: 0, signal: null });
  });

  test("stops with 0 when its supervisor is gone, and only when it has one", async () => {
    const supervised = startDaemon("greeter", { env: { KLOROS_SUPERVISED: "1" } });
    const alone = startDaemon("greeter");
    await Promise.all([supervised.logged("Ready"), alone.logged("Ready")]);
    alone.child.stdin?.end();
    supervised.child.stdin?.end();
    expect(await supervised.exit).toEqual({ code: 0, signal: null });
    expect((await supervised.logged("Stopping"))["reason"]).toBe("supervisor gone");
    expect(await alone.ask("system:health")).toMatchObject({ state: "ready" });
  });

  test("that is asked to stop while it is still starting stops at once", async () => {
    const daemon = startDaemon("greeter", { env: { KLOROS_SUPERVISED: "1" } });
    daemon.child.stdin?.end();
    expect(await daemon.exit).toEqual({ code: 0, signal: null });
    expect(daemon.notices).not.toContain("READY=1");
  });

  test("answers --help without touching anything", async () => {
    const home = join(newHome(), "none");
    const daemon = startDaemon("greeter", { home, args: ["--help"] });
    expect(await daemon.exit).toMatchObject({ code: 0 });
    expect(daemon.stdout()).toMatch(/--greeting {2}\(KLOROS_HELLO_GREETER_GREETING, default Hello\)/);
    expect(existsSync(home)).toBe(false);
  });
});

describe("a daemon that cannot start", () => {
  test.each([
    [{ KLOROS_TCP_HOST: "0.0.0.0", KLOROS_CURVE: "false" }, /0\.0\.0\.0 can be reached from other machines/],
    [{ KLOROS_TCP_HOST: "::", KLOROS_CURVE: "false" }, /set curve: true, or tcp_host: 127\.0\.0\.1/],
    [{}, /transport: tcp needs keys.*chem-bus keys init --home/],
  ])("because its transport %j would be unsafe ends with 78 and says what to do", async (env, words) => {
    const daemon = startDaemon("greeter", { env: { KLOROS_TRANSPORT: "tcp", ...env } });
    expect(await daemon.exit).toMatchObject({ code: 78 });
    expect(daemon.stderr()).toMatch(words);
    expect(daemon.notices).not.toContain("READY=1");
  });

  test.skipIf(!IS_ROOT)("because its home is another user's ends with 78 and names who", async () => {
    const home = newHome();
    chownSync(home, 65_534, 65_534);
    const daemon = startDaemon("greeter", { home });
    expect(await daemon.exit).toMatchObject({ code: 78 });
    expect(daemon.stderr()).toMatch(/belongs to user 65534/);
  });

  test("because of its configuration ends with 78 and tells every problem in words", async () => {
    const home = newHome();
    writeFileSync(join(home, "mesh.yaml"), "daemons:\n  hello_greeter:\n    greting: Hi\nlog_level: loud\n");
    const daemon = startDaemon("greeter", { home, args: ["--trouble=sure"] });
    expect(await daemon.exit).toMatchObject({ code: 78 });
    expect(daemon.stdout()).toBe("");
    expect(daemon.stderr().replaceAll(home, "HOME")).toBe(
      [
        "hello_greeter cannot start: 3 problems in the configuration",
        "  HOME/mesh.yaml, line 3: sets daemons.hello_greeter.greting, which is unknown: did you mean daemons.hello_greeter.greeting?",
        '  HOME/mesh.yaml, line 4: log_level must be one of trace, debug, info, warn, error, fatal, silent (got "loud"): choose one of them, spelled exactly so',
        '  option --trouble: daemons.hello_greeter.trouble must be one of none, setup, throw, reject, stop, block (got "sure"): choose one of them, spelled exactly so',
        "",
      ].join("\n"),
    );
  });

  test("because a contract is broken ends with 78 and names the file", async () => {
    const dir = newHome();
    mkdirSync(join(dir, "signals"));
    writeFileSync(join(dir, "signals", "Q_BROKEN_ONE.schema.json"), "{");
    const daemon = startDaemon("greeter", { env: { KLOROS_CONTRACT_DIRS: dir } });
    expect(await daemon.exit).toMatchObject({ code: 78 });
    expect(daemon.stderr()).toMatch(/^hello_greeter cannot start: .*Q_BROKEN_ONE/s);
  });

  test("because the schema of a signal it deals with is none ends with 78 and says where, not at its first signal", async () => {
    const dir = newHome();
    cpSync(fileURLToPath(new URL("./contracts", import.meta.url)), dir, { recursive: true });
    const file = join(dir, "signals/Q_GREETING_SENT.schema.json");
    writeFileSync(file, readFileSync(file, "utf8").replace('"type": "string"', '"type": "sting"'));
    const daemon = startDaemon("greeter", { env: { KLOROS_CONTRACT_DIRS: dir } });
    expect(await daemon.exit).toMatchObject({ code: 78 });
    expect(daemon.stderr()).toContain(`${file}: /properties/text/type must be one of`);
  });

  test("because it runs already ends with 75, names the other, and leaves it alone", async () => {
    const first = startDaemon("greeter");
    await first.logged("Ready");
    const twin = startDaemon("greeter", { home: first.home });
    expect(await twin.exit).toMatchObject({ code: 75 });
    expect(twin.stderr()).toMatch(
      new RegExp(
        `^hello_greeter cannot start: hello_greeter already runs in ${first.home} \\(process ${first.child.pid}, since .*Z\\): stop it first`,
      ),
    );
    expect(twin.stdout()).toBe("");
    expect(await first.ask("hello:say", "you")).toBe('Hello "you"');
    expect(
      await first.ask("signal:emit", { signal: "Q_GREETING_SENT", facts: { text: "still here" } }),
    ).toMatchObject({ seq: 1 });
  });

  test("because a file is where the home should be ends with 73", async () => {
    const home = join(newHome(), "file");
    writeFileSync(home, "");
    const daemon = startDaemon("greeter", { home });
    expect(await daemon.exit).toMatchObject({ code: 73 });
    expect(daemon.stderr()).toMatch(
      /^hello_greeter cannot start: cannot create .*: a file is where a folder should be.*\n$/,
    );
  });

  test.skipIf(!IS_ROOT)(
    "because its disk is full ends with 74, read-only with 73 (SKIPPED unless root: needs a small disk)",
    async () => {
      const disk = smallDisk(256 * 1024);
      writeFileSync(join(disk.path, "filler"), Buffer.alloc(256 * 1024 - 4096));
      const full = startDaemon("greeter", { home: join(disk.path, "home") });
      expect(await full.exit).toMatchObject({ code: 74 });
      expect(full.stderr()).toMatch(/^hello_greeter cannot start: .*free/s);
      disk.makeReadOnly();
      const readOnly = startDaemon("greeter", { home: join(disk.path, "home") });
      expect(await readOnly.exit).toMatchObject({ code: 73 });
      expect(readOnly.stderr()).toMatch(/read-only/);
    },
  );

  test("because the home's path is too long for sockets ends with 78", async () => {
    const daemon = startDaemon("greeter", { home: join(newHome(), "x".repeat(100)) });
    expect(await daemon.exit).toMatchObject({ code: 78 });
    expect(daemon.stderr()).toMatch(/too long for sockets \(at most \d+ bytes\)/);
  });

  test("because its setup throws ends with 70 and logs where", async () => {
    const daemon = startDaemon("greeter", { args: ["--trouble", "setup"] });
    expect(await daemon.exit).toMatchObject({ code: 70 });
    expect(daemon.logs.at(-1)).toMatchObject({
      level: "fatal",
      err: { message: "setup broke", stack: expect.stringContaining("greeter.mjs") },
    });
    expect(existsSync(join(daemon.home, "run", "hello_greeter.sock"))).toBe(false);
  });
});
