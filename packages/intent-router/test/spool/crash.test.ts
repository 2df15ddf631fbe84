import { spawn, type ChildProcess } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { ensureHome } from "@kloros/bus";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SpoolStep } from "../../src/spool/spool-options.ts";
import { deadLetters, drop, filesIn, intent, newHome, SETTINGS, until, workbench } from "./harness.ts";

const CHILD = join(import.meta.dirname, "children", "spool-alone.mjs");

let home = "";
const intents = (): string => join(home, "intents");
beforeEach(async () => {
  home = newHome();
  await ensureHome(home);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function child(args: string[], options: { uid?: number; gid?: number } = {}): ChildProcess {
  const settings = JSON.stringify({ ...SETTINGS, settleMs: 50, rescanMs: 200 });
  return spawn(process.execPath, [CHILD, home, settings, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    ...options,
  });
}

const ended = async (process: ChildProcess): Promise<string | null> =>
  new Promise((resolve) => process.once("exit", (_code, signal) => resolve(signal)));

describe("after kill -9", () => {
  const steps: [SpoolStep, number][] = [
    ["judged", 1],
    ["committed", 1],
    ["taken", 1],
    ["taken", 7],
    ["removed", 3],
    ["reported", 2],
    ["rejected", 1],
    ["duplicated", 1],
  ];

  it.each(steps)("at step %s (time %i) every file has exactly one fate", async (step, times) => {
    const same = intent();
    for (let count = 0; count < 10; count++) drop(intents(), `good${count}.json`, intent());
    for (let count = 0; count < 3; count++) drop(intents(), `same${count}.json`, same);
    for (let count = 0; count < 3; count++) drop(intents(), `bad${count}.json`, `[${count}]`);
    drop(intents(), "half.json", "{");

    expect(await ended(child([step, String(times)]))).toBe("SIGKILL");
    const bench = await workbench({ home, settings: { settleMs: 50 } });
    await until("nothing is left to do", () => filesIn(intents()).length === 0);
    await until("the dead letters", () => deadLetters(home).length >= 4);
    await bench.close();

    expect(bench.node.stats().lastSeq).toBe(11);
    expect(filesIn(join(intents(), "duplicate"))).toHaveLength(2);
    const rejected = filesIn(join(intents(), "rejected"));
    expect(rejected.filter((name) => !name.endsWith(".report.json"))).toEqual([
      "bad0.json",
      "bad1.json",
      "bad2.json",
      "half.json",
    ]);
    expect(rejected).toHaveLength(8);
    expect(deadLetters(home)).toHaveLength(4);
    expect(readdirSync(join(intents(), ".routed"))).toEqual([]);
  });

  it("a file that was replaced while its removal was missing is a new intent", async () => {
    drop(intents(), "a.json", intent());
    expect(await ended(child(["committed"]))).toBe("SIGKILL");
    drop(intents(), "a.json", intent());
    const bench = await workbench({ home });
    await until("both", () => bench.node.stats().lastSeq === 2 && filesIn(intents()).length === 0);
    await bench.close();
  });

  it("a copy that lay beside the routed file is a duplicate, and the file itself is finished however late", async () => {
    const same = intent();
    drop(intents(), "a.json", same);
    expect(await ended(child(["committed"]))).toBe("SIGKILL");
    drop(intents(), "b.json", same);
    const bench = await workbench({ home, now: () => Date.now() + 86_400_000 });
    await until("both are gone", () => filesIn(intents()).length === 0);
    expect(bench.node.stats().lastSeq).toBe(2); // a day later the copy is no duplicate any more, the file itself still is
    await bench.close();
  });

  it("what lay half-removed and was never routed comes back", async () => {
    mkdirSync(join(intents(), ".routed"));
    writeFileSync(join(intents(), ".routed", "1~a.json"), JSON.stringify(intent()));
    const bench = await workbench({ home });
    await until("it is routed", () => bench.emitted.length === 1 && filesIn(intents()).length === 0);
    await bench.close();
  });
});

describe.skipIf(process.getuid?.() !== 0)("without permission", () => {
  const NOBODY = { uid: 65_534, gid: 65_534 };
  const give = (path: string): void => {
    chownSync(path, NOBODY.uid, NOBODY.gid);
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) give(join(path, entry.name));
    }
  };

  it("an unreadable file is rejected once, when it has been unreadable for a while", async () => {
    give(home);
    drop(intents(), "secret.json", intent());
    chmodSync(join(intents(), "secret.json"), 0o200);
    const running = child([], NOBODY);
    await until("it is rejected", () => existsSync(join(intents(), "rejected", "secret.json")));
    await until("its letter", () => deadLetters(home).length === 1);
    running.kill("SIGTERM");
    await ended(running);
    const report = JSON.parse(readFileSync(join(intents(), "rejected", "secret.json.report.json"), "utf8"));
    expect(report.problems[0].text).toBe(
      "intents/secret.json: cannot be read (EACCES); its mode is 0200, its owner 0",
    );
  });

  it("a folder of another user's that cannot be moved is told of once, across restarts too", async () => {
    give(home);
    chmodSync(intents(), 0o1777);
    mkdirSync(join(intents(), "foreign"), { mode: 0o700 });
    chownSync(intents(), 0, 0);
    for (let start = 1; start <= 2; start++) {
      const running = child([], NOBODY);
      let output = "";
      running.stdout!.on("data", (chunk) => (output += String(chunk)));
      await until("the letter", () => deadLetters(home).length === 1);
      drop(intents(), `after${start}.json`, intent());
      chownSync(join(intents(), `after${start}.json`), NOBODY.uid, NOBODY.gid);
      await until("others are routed", () => !existsSync(join(intents(), `after${start}.json`)));
      running.kill("SIGTERM");
      await ended(running);
      const { counts, logged } = JSON.parse(output.split("\n").find((line) => line.startsWith("{"))!);
      expect(counts).toMatchObject({ stuck: 1, routed: 1 });
      expect(logged).toHaveLength(1);
    }
    expect(deadLetters(home)).toHaveLength(1);
    renameSync(join(intents(), "foreign"), join(home, "foreign"));
  });
});
