import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { acquireFileLock } from "@kloros/bus";
import { describe, expect, test, vi } from "vitest";
import { IS_ROOT, newHome, smallDisk, startDaemon } from "./daemon-process.ts";

describe("a daemon that starts", () => {
  test("creates its home, is ready, tells its supervisor, answers on its socket, and stops with 0 on SIGTERM", async () => {
    const daemon = startDaemon("greeter", { home: join(newHome(), "new") });
    await daemon.noticed("READY=1");
    await daemon.noticed("WATCHDOG=1");
    expect(daemon.notices).toContain("STATUS=greeting with Hello");
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
      /^hello_greeter cannot start: cannot create .*: a part of the path is a file.*\n$/,
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
      err: { message: "setup broke", stack: expect.stringContaining("greeter.ts") },
    });
    expect(existsSync(join(daemon.home, "run", "hello_greeter.sock"))).toBe(false);
  });
});

describe("a daemon that works", () => {
  test("finishes the handler that runs when SIGTERM comes, then exits 0", async () => {
    const [greeter, guest] = await pair(400);
    await greeter.ask("signal:emit", { signal: "Q_GREETING_SENT", facts: { text: "hi" } });
    await guest.logged("Handling");
    guest.child.kill("SIGTERM");
    expect(await guest.exit).toEqual({ code: 0, signal: null });
    expect(guest.logs.map((line) => line["msg"])).toContain("Handled");
    const again = startDaemon("guest", { home: greeter.home });
    await again.logged("Ready");
    expect(await again.ask("guest:greeted")).toBe(1);
    expect(again.logs.map((line) => line["msg"])).not.toContain("Handling");
  });

  test("does not wait longer than the drain deadline; the signal is handled after the restart", async () => {
    const [greeter, guest] = await pair(30_000, ["--drain-deadline", "100ms"]);
    await greeter.ask("signal:emit", { signal: "Q_GREETING_SENT", facts: { text: "hi" } });
    await guest.logged("Handling");
    guest.child.kill("SIGTERM");
    expect(await guest.exit).toMatchObject({ code: 0 });
    const again = startDaemon("guest", { home: greeter.home });
    await again.logged("Handled");
    await vi.waitUntil(async () => (await again.ask<number>("guest:greeted")) === 1, { timeout: 5_000 });
  });

  test("ends at once on a second SIGTERM, by that signal, and loses nothing", async () => {
    const [greeter, guest] = await pair(30_000);
    await greeter.ask("signal:emit", { signal: "Q_GREETING_SENT", facts: { text: "hi" } });
    await guest.logged("Handling");
    guest.child.kill("SIGTERM");
    await guest.logged("Stopping");
    guest.child.kill("SIGTERM");
    expect(await guest.exit).toEqual({ code: null, signal: "SIGTERM" });
    expect(guest.logs.at(-1)).toMatchObject({ msg: "Asked to stop a second time, ending at once" });
    const again = startDaemon("guest", { home: greeter.home });
    await again.logged("Handled");
  });

  test("writes one line for each signal that goes out or comes in, as operators grep for it", async () => {
    const [greeter, guest] = await pair(0);
    const { id } = await greeter.ask("signal:emit", { signal: "Q_GREETING_SENT", facts: { text: "hi" } });
    const emitted = '[hello_greeter] Emitted Q_GREETING_SENT: {"text":"hi"}';
    const received = '[hello_guest] Received Q_GREETING_SENT: {"text":"hi"}';
    expect(await greeter.logged(emitted)).toMatchObject({
      level: "info",
      daemon: "hello_greeter",
      signal: "Q_GREETING_SENT",
      id,
    });
    expect(await guest.logged(received)).toMatchObject({ id, source: "hello_greeter", correlation_id: id });
    const long = "x".repeat(5000);
    await greeter.ask("signal:emit", { signal: "Q_GREETING_SENT", facts: { text: long } });
    await vi.waitUntil(() => greeter.logs.some((line) => String(line["msg"]).endsWith("characters more)")));
  });

  test.each([
    ["throw", "thrown in a timer"],
    ["reject", "rejected in a timer"],
  ])("ends with 70 on an error that nobody caught (%s)", async (trouble, message) => {
    const daemon = startDaemon("greeter", { args: ["--trouble", trouble] });
    expect(await daemon.exit).toEqual({ code: 70, signal: null });
    expect(daemon.logs.at(-1)).toMatchObject({
      level: "fatal",
      err: { message },
      msg: "Unexpected error, the daemon ends",
    });
  });

  test("stops all the rest and ends with 70 when its own stop fails", async () => {
    const daemon = startDaemon("greeter", { args: ["--trouble", "stop"] });
    await daemon.logged("Ready");
    daemon.child.kill("SIGTERM");
    expect(await daemon.exit).toEqual({ code: 70, signal: null });
    expect(daemon.logs.at(-1)).toMatchObject({ msg: "Stopped" });
  });

  test("ends with 74 when its home is deleted under it", async () => {
    const daemon = startDaemon("greeter");
    await daemon.logged("Ready");
    rmSync(daemon.home, { recursive: true });
    expect(await daemon.exit).toEqual({ code: 74, signal: null });
    expect(daemon.logs.at(-1)).toMatchObject({ err: { code: "E_HOME_LOST" } });
  });

  test("gives no sign of life while its event loop is blocked", async () => {
    const daemon = startDaemon("greeter");
    await daemon.noticed("WATCHDOG=1");
    void daemon.ask("hello:block").catch(() => undefined);
    await expect(vi.waitFor(() => daemon.ask("system:health"), { timeout: 1 })).rejects.toThrow();
    const before = daemon.notices.length;
    await new Promise((resolve) => setTimeout(resolve, 2_500)); // Silence can only be seen by waiting for it.
    expect(daemon.notices.length).toBe(before);
  });

  test("says what it can be asked, and helps with a wrong word", async () => {
    const daemon = startDaemon("greeter");
    await daemon.logged("Ready");
    const { events } = await daemon.ask<{ events: { event: string }[] }>("system:discover");
    expect(events.map(({ event }) => event).sort()).toEqual([
      "hello:block",
      "hello:say",
      "log:level",
      "signal:emit",
      "system:discover",
      "system:health",
      "system:help",
      "system:shutdown",
    ]);
    expect(await daemon.ask("system:help", { event: "signal:emit" })).toMatchObject({
      parameters: { signal: "name" },
    });
    await expect(daemon.ask("system:healht")).rejects.toThrow("did you mean system:health?");
    await expect(daemon.ask("toString")).rejects.toThrow("unknown here");
  });

  test("emits for outsiders what its contracts allow, and refuses the rest with the reason", async () => {
    const daemon = startDaemon("greeter");
    await daemon.logged("Ready");
    const id = "0198c5f0-0000-7000-8000-000000000001";
    const emit = (data: object) => daemon.ask("signal:emit", data);
    expect(await emit({ signal: "Q_GREETING_SENT", facts: { text: "a" }, id, priority: "high" })).toEqual({
      id,
      signal: "Q_GREETING_SENT",
      seq: 1,
      durability: "synced",
    });
    expect(
      await emit({ signal: "Q_GREETING_SENT", facts: { text: "a" }, id, priority: "high" }),
    ).toMatchObject({ seq: 1, durability: "duplicate" });
    await expect(emit({ signal: "Q_GREETING_SENT", facts: { txet: "a" } })).rejects.toMatchObject({
      daemonCode: "E_CONTRACT_VIOLATION",
    });
    await expect(emit({ signal: "Q_GREETING_SEND" })).rejects.toThrow("did you mean Q_GREETING_SENT?");
    await expect(emit({ signal: "Q_DREAM_COMPLETE" })).rejects.toThrow(/ingress/);
    await expect(emit({ signal: "Q_SCAN_REQUESTED", facts: { scope: "all" } })).rejects.toMatchObject({
      daemonCode: "E_EMIT_RIGHT",
    });
    await expect(
      emit({ signal: "Q_GREETING_SENT", facts: { text: "a" }, priority: "urgent" }),
    ).rejects.toThrow(/priority must be/);
  });

  test("changes its log level when asked", async () => {
    const daemon = startDaemon("greeter", { env: { KLOROS_LOG_LEVEL: "error" } });
    await daemon.noticed("READY=1");
    expect(await daemon.ask("log:level", { level: "info" })).toEqual({ level: "info", previous: "error" });
    await expect(daemon.ask("log:level", { level: "loud" })).rejects.toThrow(/one of trace/);
    await daemon.ask("system:shutdown");
    await daemon.exit;
    expect(daemon.logs.map((line) => line["msg"])).toContain("Stopped");
    expect(daemon.logs.map((line) => line["msg"])).not.toContain("Ready");
  });
});

/** A greeter and a guest in one home, both ready. */
async function pair(handleMs: number, guestArgs: string[] = []) {
  const greeter = startDaemon("greeter");
  const guest = startDaemon("guest", { home: greeter.home, args: [`--handle-ms=${handleMs}`, ...guestArgs] });
  await Promise.all([greeter.logged("Ready"), guest.logged("Ready")]);
  return [greeter, guest] as const;
}
