/** What a real systemd makes of a daemon that hangs, and of one that is merely busy. All units run at once. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readDeadLetters } from "@kloros/bus";
import { MESSAGE_IDS } from "@kloros/daemon";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../mesh/eventually.ts";

import {
  type PrivateSystemd,
  REPO_INSIDE,
  skipWithoutSystemd,
  startPrivateSystemd,
} from "./private-systemd.ts";
import { type WatchedUnit, writeWatchedUnit } from "./watched-unit.ts";

type Entry = Readonly<Record<string, string>>;

describe.skipIf(skipWithoutSystemd("the watchdog"))("under a real systemd", () => {
  let systemd: PrivateSystemd;
  let homes = "";
  const units: Record<string, WatchedUnit> = {};
  const unit = (name: string): WatchedUnit => units[name] as WatchedUnit;

  beforeAll(async () => {
    homes = mkdtempSync(join(tmpdir(), "kw-"));
    systemd = await startPrivateSystemd({ binds: [{ from: homes, writable: true }] });
    const write = async (name: string, options = {}) => {
      units[name] = await writeWatchedUnit(systemd, homes, name, options);
    };
    await Promise.all([
      write("blocked"),
      write("hung", { environment: { KLOROS_WATCHED_HANDLER_DEADLINE: "300ms" } }),
      write("deaf"),
      write("busy", { service: ["WatchdogSec=6s"] }),
      write("frozen"),
      write("wrong", { environment: { KLOROS_LOG_LEVEL: "loud" } }),
      write("slow-stop", { service: ["TimeoutStopSec=1s", "WatchdogSec=20s"] }),
    ]);
    const sound = Object.values(units).filter(({ name }) => name !== "watched-wrong.service");
    await systemd.exec(["systemctl", "start", "--no-block", ...Object.values(units).map(({ name }) => name)]);
    await Promise.all(sound.map((one) => one.ready()));
  });
  afterAll(async () => {
    await systemd.down();
    rmSync(homes, { recursive: true, force: true });
  });

  const journal = async (name: string, ...matches: string[]): Promise<Entry[]> => {
    const { stdout } = await systemd.exec(
      ["journalctl", "-u", unit(name).name, "-o", "json", "--all", "--no-pager", ...matches],
      { check: false },
    );
    return stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Entry);
  };

  it.concurrent("restarts a daemon whose event loop is blocked", async () => {
    await unit("blocked").ask("watched:burst", { ms: 600_000, times: 1 });
    await unit("blocked").restarted();
    expect(await unit("blocked").ask("system:health")).toMatchObject({
      starts: { count_24h: 2, unclean_24h: 1, last_end: "unclean" },
    });
  });

  it.concurrent(
    "restarts a daemon whose handler ignores its abort, and the signal's attempts end",
    async () => {
      const { home, ask, restarted, show } = unit("hung");
      await ask("watched:emit", { facts: { how: "never" } });
      const [letter] = await eventually("the dead letter", async () => {
        const { letters } = await readDeadLetters(home);
        return letters.length > 0 && letters;
      });
      expect(letter).toMatchObject({ attempts: 2, error: expect.stringContaining("300 ms") as string });
      await restarted(2);
      expect(await ask("watched:emit", { facts: { how: "well" } })).toMatchObject({ durability: "synced" });
      expect(await show("NRestarts")).toEqual({ NRestarts: "2" });
      const [stuck] = await journal("hung", `MESSAGE_ID=${MESSAGE_IDS.stuck}`);
      expect(stuck).toMatchObject({
        PRIORITY: "3",
        REASON: expect.stringContaining("handler of Q_TROUBLE_WANTED ignores its abort") as string,
      });
    },
  );

  it.concurrent("restarts a daemon whose ledger socket is gone", async () => {
    expect(await unit("deaf").ask("watched:deaf")).toEqual({ closed: 1 });
    await unit("deaf").restarted();
    const [stuck] = await journal("deaf", "EVENT=stuck");
    expect(stuck?.["REASON"]).toMatch(/bus does not answer/u);
  });

  it.concurrent("restarts a daemon that is stopped from outside", async () => {
    const { MainPID } = await unit("frozen").show("MainPID");
    expect(Number(MainPID)).toBeGreaterThan(1);
    await systemd.exec(["kill", "-STOP", String(MainPID)]);
    await unit("frozen").restarted();
  });

  it.concurrent("leaves a daemon alone that is merely busy, and shows its counts meanwhile", async () => {
    const { ask, show } = unit("busy");
    const { MainPID } = await show("MainPID");
    await ask("watched:emit", { facts: { how: "slowly", ms: 7_000 } });
    await ask("watched:emit", { facts: { how: "well" }, count: 5_000 });
    await ask("watched:burst", { ms: 1_500, times: 5 });
    await eventually("all is handled", async () => {
      const { stats } = await ask<{ stats: { handled: number } }>("system:health");
      return stats.handled === 5_001;
    });
    await eventually("the status says so", async () => {
      const { StatusText } = await show("StatusText");
      return StatusText === "5 bursts (5001 emitted, 5001 handled, lag 0)";
    });
    expect(await show("NRestarts", "MainPID")).toEqual({ NRestarts: "0", MainPID });
  });

  it("does not start a daemon with a bad configuration again and again", async () => {
    await eventually(
      "it has failed",
      async () => (await unit("wrong").show("ActiveState"))["ActiveState"] === "failed",
    );
    expect(await unit("wrong").show("NRestarts", "ExecMainStatus")).toEqual({
      NRestarts: "0",
      ExecMainStatus: "78",
    });
    const [told] = await journal("wrong", `MESSAGE_ID=${MESSAGE_IDS.start_failed}`);
    expect(told).toMatchObject({ PRIORITY: "3", DAEMON: "watched", ERROR_CODE: "E_CONFIG" });
    expect(told?.["MESSAGE"]).toMatch(/cannot start[^]*log_level/u);
  });

  it.concurrent(
    "lets a stop take as long as the configuration says, though the unit allows less",
    async () => {
      const { name, ask, show } = unit("slow-stop");
      await ask("watched:emit", { facts: { how: "slowly", ms: 3_000 } });
      await eventually("it is at it", async () => {
        const { stats } = await ask<{ stats: { inFlight: number } }>("system:health");
        return stats.inFlight === 1;
      });
      await systemd.exec(["systemctl", "stop", name]);
      expect(await show("Result", "ExecMainStatus")).toEqual({ Result: "success", ExecMainStatus: "0" });
      await systemd.exec(["systemctl", "start", name]);
      expect(await ask("system:health")).toMatchObject({ starts: { last_end: "clean" }, stats: { lag: 0 } });
    },
  );

  it("starts a daemon again that asks for it, without counting that as a failure", async () => {
    const { ask, restarted, show } = unit("slow-stop");
    expect(await ask("system:restart", { reason: "a test" })).toMatchObject({ supervisor: "systemd" });
    await restarted();
    expect(await show("Result")).toEqual({ Result: "success" });
    expect(await ask("system:health")).toMatchObject({ starts: { unclean_24h: 0, last_end: "clean" } });
    const events = (await journal("slow-stop")).map((entry) => entry["EVENT"]).filter(Boolean);
    expect(events.slice(-3)).toEqual(["restart", "stopped", "ready"]);
  });

  it("finds every line by its fields, and explains them", async () => {
    const { ask } = unit("busy");
    const { id } = await ask<{ id: string }>("watched:emit", { facts: { how: "wrong" } });
    const story = await eventually("the story is told", async () => {
      const entries = await journal("busy", `CORRELATION_ID=${id}`);
      return entries.length === 3 && entries;
    });
    expect(story.map(({ EVENT, MESSAGE_ID, PRIORITY }) => [EVENT, MESSAGE_ID, PRIORITY])).toEqual([
      ["emitted", MESSAGE_IDS.emitted, "6"],
      ["received", MESSAGE_IDS.received, "6"],
      ["dead_letter", MESSAGE_IDS.dead_letter, "3"],
    ]);
    for (const entry of story)
      expect(entry).toMatchObject({ SIGNAL: "Q_TROUBLE_WANTED", SIGNAL_ID: id, DAEMON: "watched" });
    expect(story[0]?.["MESSAGE"]).toBe('[watched] Emitted Q_TROUBLE_WANTED: {"how":"wrong"}');
    expect(story[2]).toMatchObject({
      ERROR_CODE: "E_AS_WANTED",
      FINGERPRINT: expect.stringMatching(/^[0-9a-f]{16}$/u) as string,
    });
    const errors = await systemd.exec(["journalctl", "-p", "err", "-u", "watched-*", "-o", "cat"]);
    expect(errors.stdout).toContain("Dead letter: Error: as wanted");
    expect(errors.stdout).not.toContain("Emitted");
    await systemd.exec(["cp", `${REPO_INSIDE}/systemd/kloros.catalog`, "/usr/lib/systemd/catalog/"]);
    const update = await systemd.exec(["journalctl", "--update-catalog"]);
    expect(update.stdout + update.stderr).toBe("");
    const { stdout: list } = await systemd.exec(["journalctl", "--list-catalog"]);
    for (const messageId of Object.values(MESSAGE_IDS)) expect(list).toContain(messageId);
    const { stdout: explained } = await systemd.exec([
      "journalctl",
      "-x",
      "-o",
      "short",
      `CORRELATION_ID=${id}`,
      "EVENT=dead_letter",
    ]);
    expect(explained).toContain("Subject: watched could not handle a signal and keeps it");
    expect(explained).toContain("error code E_AS_WANTED");
  });
});
