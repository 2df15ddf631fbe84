import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureHome, loadContracts, openTap, type Envelope } from "@kloros/bus";
import { askDaemon } from "@kloros/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { settings } from "../src/config.ts";
import { statusLine } from "../src/intent-router.ts";
import { DAEMON, drop, filesIn, intent, newHome, until } from "./spool/harness.ts";

const MAIN = join(import.meta.dirname, "..", "dist", "main.js");

let home = "";
let daemon: ChildProcess;
let output = "";
beforeEach(async () => {
  home = newHome();
  await ensureHome(home);
});
afterEach(() => {
  daemon.kill("SIGKILL");
  rmSync(home, { recursive: true, force: true });
});

async function start(): Promise<void> {
  output = "";
  daemon = spawn(process.execPath, [MAIN, "--home", home], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  daemon.stdout?.on("data", (chunk: Buffer) => (output += String(chunk)));
  daemon.stderr?.on("data", (chunk: Buffer) => (output += String(chunk)));
  await until("it is ready", () => output.includes('"msg":"Ready"'));
}

async function stop(): Promise<number | null> {
  const ended = new Promise<number | null>((resolve) => daemon.once("exit", resolve));
  daemon.kill("SIGTERM");
  return ended;
}

describe("the daemon", () => {
  it("routes what lies there and what comes, tells of it, and stops when asked", async () => {
    drop(join(home, "intents"), "before.json", intent());
    await start();
    drop(join(home, "intents"), "after.json", intent());
    drop(join(home, "intents"), "bad.json", "[]");
    await until("all have left", () => filesIn(join(home, "intents")).length === 0);
    await until("the report", () => existsSync(join(home, "intents", "rejected", "bad.json.report.json")));
    const health = await askDaemon(join(home, "run", `${DAEMON}.sock`), "system:health");
    expect(health).toMatchObject({ daemon: DAEMON, state: "ready", routed: 2, rejected: 1, trouble: "" });
    expect(await stop()).toBe(0);
    expect(output).toContain('"msg":"Intent routed"');
    expect(output).toContain("intents/bad.json: must be one JSON object");
  });

  it("goes on routing in maintenance: a signal waits durably for its consumers", async () => {
    writeFileSync(join(home, "maintenance_mode"), "");
    await start();
    drop(join(home, "intents"), "a.json", intent());
    await until("it has left", () => filesIn(join(home, "intents")).length === 0);
    expect(await stop()).toBe(0);
  });

  it("publishes what it routes with the urgency of the intent", async () => {
    await start();
    const tap = openTap({ home, contracts: loadContracts(), emitters: [DAEMON] });
    const heard: Envelope[] = [];
    const listening = (async () => {
      for await (const envelope of tap) heard.push(envelope);
    })();
    for (let count = 0; heard.length === 0 && count < 100; count++) {
      drop(join(home, "intents"), `a${count}.json`, intent({ priority: 9 }));
      await until("it has left", () => filesIn(join(home, "intents")).length === 0);
    }
    await until("one is heard", () => heard.length > 0);
    await tap.close();
    await listening;
    expect(heard[0]).toMatchObject({
      signal: "Q_CURIOSITY_INVESTIGATE",
      source: DAEMON,
      priority: "critical",
    });
    expect(await stop()).toBe(0);
  });
});

describe("the status line", () => {
  const counts = {
    routed: 3,
    duplicates: 1,
    rejected: 0,
    waiting: 0,
    settling: 0,
    stuck: 0,
    temporary: 2,
    remembered: 3,
    trouble: "",
  };

  it("says what was done, and of the rest only what there is", () => {
    expect(statusLine(counts)).toBe("3 routed, 1 duplicate, 0 rejected");
    expect(statusLine({ ...counts, waiting: 2, settling: 1, stuck: 4, trouble: "no space" })).toBe(
      "3 routed, 1 duplicate, 0 rejected, 2 waiting, 1 being written, 4 cannot be moved, no space",
    );
  });
});

describe("the README", () => {
  const readme = readFileSync(join(import.meta.dirname, "..", "README.md"), "utf8");

  it("has every setting", () => {
    for (const name of Object.keys(settings.table)) expect(readme).toContain(`| \`${name}\` |`);
  });

  it("shows only intents that are routed", async () => {
    const { judge } = await import("./judging.ts");
    const examples = [...readme.matchAll(/```json\n([^`]*)```/g)].map(([, text]) => text ?? "");
    expect(examples.length).toBeGreaterThan(2);
    for (const text of examples) expect(judge(text), text).toMatchObject({ kind: "route" });
  });
});
