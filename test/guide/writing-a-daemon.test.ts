/** docs/writing-a-daemon.md, done as it says: a reader who types it gets what it promises, while signals flow. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { auditHome } from "@kloros/bus";
import { askDaemon } from "@kloros/client";
import { describe, expect, it, onTestFinished } from "vitest";
import { eventually } from "../mesh/eventually.ts";
import { readSignals } from "../mesh/signals.ts";
import { tempFolder } from "../mesh/temp-folder.ts";
import {
  guideEnvironment,
  insertListing,
  listing,
  marks,
  replaceFacts,
  runListing,
  writeListing,
} from "./guide.ts";

/** Those with whom the new daemon has to do; the guide runs all. */
const WITH = "word_counter,kloros_policy_engine,orchestrator_monitor";
const PAUSE_MS = 50;
const START_MS = 60_000;
/** Three builds and some twenty processes: a quarter of a minute, on a machine that has nothing else to do. */
const DEADLINE_MS = 180_000;

describe("the guide to a daemon of one's own", () => {
  it(
    "leads to one that is tested, run, changed while signals flow, and loses nothing",
    async () => {
      const folder = await tempFolder();
      const home = join(folder, "home");
      const env = guideEnvironment(home);
      const own = join(folder, "word-counter");

      expect(await runListing("run: make", folder, env)).toMatch(/^# pass 5$/m);
      expect(await runListing("run: register", own, env)).toContain("word_counter: registered");

      const dev = startDev(own, env, `${home}.log`);
      await dev.said(/word_counter\s+Ready/);
      await dev.said(/Every daemon is ready \(3\)/);
      await dev.said(/Watching sources/);
      const told = await runListing("run: ask", own, env);
      expect(told).toMatch(/word_counter +ready/);
      expect(told).toMatch(/Q_WORD_COUNTER_DONE\s+subject=readme words=3 total_words=3/);
      expect(told).toMatch(/└─ Q_WORD_COUNTER_DONE/);
      expect(told).toContain("the books balance");
      expect(told).toContain('kloros_up{daemon="word_counter"} 1');
      expect(told).toContain('"subject":"readme"');

      const flow = askAllTheTime(home);
      await runListing("run: signal", own, env);
      await replaceFacts("Q_MILESTONE_REACHED", own);
      for (const file of marks("file")) await writeListing(file, own);
      await insertListing("src/word-counter.ts", own, "tx.state.put");
      await dev.said(/word_counter\s+Restarting\s+why="word-counter: src\/[\s\S]*word_counter\s+Ready/);
      await dev.said(
        /kloros_policy_engine\s+Restarting\s+why="contracts changed"[\s\S]*kloros_policy_engine\s+Ready/,
      );
      expect(await runListing("run: milestone", own, env)).toMatch(
        /Q_MILESTONE_REACHED\s+subject=tens words=10/,
      );
      const tests = spawn(process.execPath, ["--test", "dist/test/milestones.test.js"], {
        cwd: own,
        stdio: "ignore",
      });
      expect(await once(tests, "exit")).toEqual([0, null]);

      const asked = await flow.end();
      await eventually("every request is answered, and the books balance", async () => {
        const { balanced, rows } = await auditHome(home);
        return balanced && rows.every(({ pending }) => pending === 0);
      });
      const signals = await readSignals(home);
      const answers = (signals.get("Q_WORD_COUNTER_DONE") ?? []).filter(
        ({ facts }) => facts["subject"] === "flow",
      );
      expect(answers.map(({ facts }) => facts["total_words"])).toEqual(
        Array.from({ length: asked }, (_, n) => n + 1),
      );
      expect(dev.output()).not.toMatch(/(?:capability|winner)\w*\s+Restarting|E_[A-Z]+_/);
      expect(await dev.stop()).toBe(0);
    },
    DEADLINE_MS,
  );

  it("has no command that a reader could not type, and no mark that nothing tests", () => {
    expect(marks("run")).toEqual([
      "make",
      "register",
      "dev",
      "ask",
      "signal",
      "milestone",
      "systemd",
      "services",
    ]);
    expect(marks("file")).toEqual(["src/milestones.ts", "test/milestones.test.ts", "src/long-work.ts"]);
  });
});

/** The guide's `kloros dev`, with fewer daemons than a reader would run. */
function startDev(cwd: string, env: NodeJS.ProcessEnv, file: string) {
  const output = openSync(file, "a");
  const command = `exec ${listing("run: dev").trim()} --only ${WITH}`;
  const child = spawn("bash", ["-c", command], { cwd, env, stdio: ["ignore", output, output] });
  closeSync(output);
  const exit = once(child, "exit").then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exit;
  });
  const read = () => readFileSync(file, "utf8");
  return {
    output: read,
    said: async (pattern: RegExp) =>
      eventually(
        () => `it says ${String(pattern)}; it said:\n${read()}`,
        () => pattern.test(read()),
        START_MS,
      ),
    stop: async () => {
      child.kill("SIGINT");
      return exit;
    },
  };
}

/** Asks one after the other until it is ended; a request without an answer is made again under its own id. */
function askAllTheTime(home: string) {
  const socket = join(home, "run", "word_counter.sock");
  let isEnding = false;
  let asked = 0;
  const asking = (async () => {
    while (!isEnding) {
      const id = `0000${asked.toString(16).padStart(4, "0")}-0000-4000-8000-000000000000`;
      const request = { signal: "Q_WORD_COUNTER_REQUESTED", facts: { subject: "flow", text: "one" }, id };
      const isAsked = await askDaemon(socket, "signal:emit", request).then(
        () => true,
        () => false, // It is being restarted.
      );
      if (isAsked) asked++;
      await sleep(PAUSE_MS);
    }
  })();
  return {
    end: async (): Promise<number> => {
      isEnding = true;
      await asking;
      expect(asked).toBeGreaterThan(10);
      return asked;
    },
  };
}
