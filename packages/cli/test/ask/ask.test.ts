/** `kloros ask` as a user types it, against real control sockets. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { answerer, type ControlEvent, ControlRequestError, openControlServer } from "@kloros/daemon";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Finished, runCli, temporaryFolder } from "../run-cli.ts";

const folder = temporaryFolder();
const home = folder.path;
const closers: (() => Promise<void>)[] = [];

const EVENTS: Record<string, ControlEvent> = {
  "signal:subscribe": { summary: "A stream.", answer: () => ({ subscription: "0b7e" }) },
  "system:health": {
    summary: "How it is.",
    parameters: { properties: {} },
    answer: () => ({ state: "ready" }),
  },
  "log:level": {
    summary: "Sets the log level.",
    description: "Until the next start.",
    parameters: {
      properties: {
        level: { enum: ["info", "debug"], description: "The least important line that is written." },
        for_s: { type: "number", default: 60, description: "For so long, in seconds." },
      },
      required: ["level"],
    },
    examples: [{ level: "debug" }],
    answer: (data) => data,
  },
};

async function serve(name: string, events: Record<string, ControlEvent>): Promise<void> {
  mkdirSync(join(home, "run"), { recursive: true });
  const server = await openControlServer(
    join(home, "run", `${name}.sock`),
    answerer(name, () => events),
  );
  closers.push(() => server.close());
}

beforeAll(async () => {
  await serve("intent_router", EVENTS);
  const refuses: ControlEvent = {
    summary: "How it is.",
    answer: () => {
      throw new ControlRequestError("not today");
    },
  };
  await serve("orchestrator_monitor", { "system:health": refuses });
  await serve("kloros-up", {
    "supervisor:status": { summary: "All of them.", answer: () => ({ daemons: [] }) },
  });
});
afterAll(async () => {
  for (const close of closers) await close();
  folder.remove();
});

const ask = (...args: string[]): Promise<Finished> => runCli("kloros", ["ask", "--home", home, ...args]);

test("an answer is printed as JSON, with --json the whole reply", async () => {
  const [plain, whole, supervisor] = await Promise.all([
    ask("intent_router", "log:level", '{"level":"debug"}'),
    ask("intent_router", "system:health", "--json"),
    ask("kloros-up", "supervisor:status"),
  ]);
  expect(plain).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(plain.stdout)).toEqual({ level: "debug", for_s: 60 });
  expect(JSON.parse(whole.stdout)).toMatchObject({
    daemon: "intent_router",
    event: "system:health",
    data: { state: "ready" },
    count: 1,
    correlation_id: expect.any(String),
    timestamp: expect.any(Number),
  });
  expect(JSON.parse(supervisor.stdout)).toEqual({ daemons: [] });
});

test("a stream that ends with the command is not taken for one that goes on", async () => {
  const { code, stderr } = await ask("intent_router", "signal:subscribe");
  expect([code, stderr]).toEqual([0, expect.stringMatching(/ended with this command.*chem-bus listen/u)]);
});

test("all daemons are asked at once; who refuses is named, and the exit code says so", async () => {
  const [plain, whole] = await Promise.all([
    ask("all", "system:health"),
    ask("all", "system:health", "--json"),
  ]);
  expect(plain.code).toBe(1);
  expect(plain.stdout).toMatch(/^intent_router:\n\{\n {2}"state": "ready"/u);
  expect(plain.stderr).toBe("kloros: orchestrator_monitor: system:health: not today\n");
  expect(JSON.parse(whole.stdout)).toMatchObject([
    { daemon: "intent_router", data: { state: "ready" } },
    { daemon: "orchestrator_monitor", error: "system:health: not today", code: "E_CONTROL_REQUEST" },
  ]);
});

test("without an event the events are listed, and help explains one with examples that can be typed", async () => {
  const [one, all, help] = await Promise.all([
    ask("intent_router"),
    ask("all"),
    ask("intent_router", "help", "log:level"),
  ]);
  expect(one.stdout).toMatch(/^log:level +Sets the log level\.$/mu);
  expect(all.stdout).toMatch(/^log:level +intent_router +Sets/mu);
  expect(all.stdout).toMatch(/^system:health +all +How it is\.$/mu);
  expect(help.stdout).toContain("Until the next start.");
  expect(help.stdout).toMatch(/^level +info\|debug +required +The least/mu);
  expect(help.stdout).toMatch(/^for_s +number +default 60 +For so long/mu);
  expect(help.stdout).toContain(`  kloros ask intent_router log:level '{"level":"debug"}'`);
});

test.each([
  [["intent_ruoter", "system:health"], 64, "did you mean intent_router?"],
  [["intent_router", "log:level", "{level:debug}"], 64, "the data are no JSON"],
  [["intent_router", "log:level", "[1]"], 64, "must be a JSON object"],
  [["intent_router", "system:health", "--timeout", "-1"], 64, "seconds, more than 0"],
  [["intent_router", "help"], 64, "which event?"],
  [["intent_router", "help", "log:levle"], 1, "did you mean log:level?"],
  [["intent_router", "log:levle"], 1, "did you mean log:level?"],
  [["intent_router", "log:level", '{"level":"loud"}'], 1, "level"],
  [["winner_deployer_daemon", "system:health"], 69, "kloros start winner_deployer_daemon"],
])("kloros ask %j ends with %i and says what to do", async (args, code, words) => {
  const finished = await ask(...args);
  expect(finished.stderr).toContain(words);
  expect(finished).toMatchObject({ code, stdout: "" });
});
