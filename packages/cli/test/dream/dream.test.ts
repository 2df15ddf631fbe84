/** `kloros dream` as a user types it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { runCli, startCli, temporaryFolder } from "../run-cli.ts";
import { summaryOf, writeCycle } from "./cycle-on-disk.ts";
import { fakeDaemon } from "./fake-daemon.ts";

const folder = temporaryFolder();
const home = join(folder.path, "h");
const [OLD, NEW, OPEN] = [
  "dream_20260131_110000_0000aaaa",
  "dream_20260131_120000_0000bbbb",
  "dream_20260131_130000_0000cccc",
];
beforeAll(() => {
  writeCycle(home, NEW, summaryOf(NEW));
  writeCycle(
    home,
    OLD,
    summaryOf(OLD, { status: "failed", winner_id: null, error: { type: "NoImprovement", message: "equal" } }),
  );
  writeCycle(home, OPEN, null);
});
afterAll(folder.remove);

const dream = (...args: string[]) => runCli("kloros", ["dream", ...args, "--home", home]);

describe("kloros dream list", () => {
  test("shows the cycles of the home, newest first, also those that have not ended", async () => {
    const { stdout, code } = await dream("list");
    const rows = stdout
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.replace(/\s+/gu, " "));
    expect(rows).toEqual([
      `${OPEN} squeeze open – – – –`,
      `${NEW} squeeze complete 5.5 1 3 21.0s c00001`,
      `${OLD} squeeze failed 5.5 1 3 21.0s NoImprovement`,
    ]);
    expect(code).toBe(0);
  });

  test("--json and --limit", async () => {
    const { stdout } = await dream("list", "--json", "--limit", "2");
    const ids = (JSON.parse(stdout) as { cycle_id: string; status: string }[]).map(({ cycle_id, status }) => [
      cycle_id,
      status,
    ]);
    expect(ids).toEqual([
      [OPEN, "open"],
      [NEW, "complete"],
    ]);
    expect((await dream("list", "--limit", "0")).code).toBe(64);
  });

  test("a home without cycles says how to start one", async () => {
    const empty = join(folder.path, "empty");
    mkdirSync(empty);
    const { stdout, code } = await runCli("kloros", ["dream", "list", "--home", empty]);
    expect({ stdout, code }).toEqual({
      stdout: "no cycle has run yet; start one with: kloros dream run\n",
      code: 0,
    });
  });
});

describe("kloros dream show", () => {
  test("tells what came of a cycle, its generations, its best candidates and its failures", async () => {
    const { stdout, code } = await dream("show", "bbbb");
    expect(stdout).toContain(
      "squeeze complete: winner c00001 with 5.5 (in use 4.5, better by 1, p 0); 3 candidates (1 failed) in 21.0s",
    );
    expect(stdout).toMatch(/generations:\n.*best so far\n +1 +5\.5 +5 +4\.5 +1 +5\.5\n/u);
    expect(stdout).toMatch(/c00001 +5\.5 +random +100ms +x=2\n +c00000 +4\.5/u);
    expect(stdout).toContain("1 × NonZeroExit: c00002 ended with 3: I give up\\x1b[31m");
    expect(stdout).toContain("baseline  4.5  x=1");
    expect(code).toBe(0);
  });

  test("last is the newest, which may still run", async () => {
    expect((await dream("show", "last")).stdout).toContain(
      `${OPEN}  squeeze open: it runs, or it was cut off; 3 candidates so far`,
    );
  });

  test("--json holds every candidate with its result", async () => {
    const { stdout } = await dream("show", NEW, "--json");
    const shown = JSON.parse(stdout) as {
      cycle: { experiment: { search_space: object } };
      candidates: object[];
    };
    expect(shown.cycle.experiment.search_space).toHaveProperty("x.values", [1, 2, 3]);
    expect(shown.candidates).toHaveLength(3);
    expect(shown).toMatchObject({
      summary: { winner_id: "c00001" },
      candidates: [{ tournament: "g000" }, {}, { result: { status: "failed" } }],
    });
  });

  test.each([
    ["nonsense", "no cycle is called nonsense"],
    ["dream_2026", "dream_2026 means 3 cycles"],
    ["../../..", "no cycle is called ../../.."],
  ])("%s is answered with no and what to do", async (wanted, words) => {
    const { stderr, code } = await dream("show", wanted);
    expect(stderr).toContain(words);
    expect(code).toBe(1);
  });
});

describe("kloros dream check", () => {
  test("the file that kloros init writes is in order", async () => {
    const fresh = join(folder.path, "fresh");
    await runCli("kloros", ["init", "--home", fresh]);
    const { stdout, code } = await runCli("kloros", ["dream", "check", "--home", fresh]);
    expect(stdout).toContain(
      "in order; 3 experiments: compress_corpus, tune_bus (disabled), meant_to_fail (disabled)",
    );
    expect(code).toBe(0);
  });

  test("every mistake is told with its line, and the exit code says no", async () => {
    const path = join(folder.path, "bad.yaml");
    writeFileSync(path, "run: {sed: 1}\nexperiments:\n  - name: A\n");
    const { stdout, code } = await runCli("kloros", ["dream", "check", path]);
    expect(stdout.split("\n")).toEqual([
      `${path}:1:7: run.sed is not known here; did you mean seed?`,
      `${path}:3:5: experiments[0] lacks search_space, which must be given`,
      `${path}:3:5: experiments[0] lacks evaluator, which must be given`,
      expect.stringContaining(`${path}:3:11: experiments[0].name must be a name fit for a folder`),
      "4 problems",
      "",
    ]);
    expect(code).toBe(1);
    const json = await runCli("kloros", ["dream", "check", path, "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      problems: [{ line: 1, path: "run.sed" }, {}, {}, {}],
    });
    expect(json.code).toBe(1);
  });

  test("a file that is not there is said so", async () => {
    const { stderr, code } = await dream("check", join(folder.path, "nowhere.yaml"));
    expect(stderr).toContain("nowhere.yaml cannot be read (ENOENT)");
    expect(code).toBe(1);
  });
});

describe("kloros dream status", () => {
  const status = {
    running: [
      {
        cycle_id: OPEN,
        experiment: "squeeze",
        topic: null,
        phase: "evaluating",
        generation: 1,
        generations_max: 6,
        candidates_done: 5,
        candidates_total: 8,
        best_fitness: 5.25,
        started_at: "2026-01-31T13:00:00.000Z",
        elapsed_seconds: 12,
        budget_seconds: 120,
      },
    ],
    queued: [{ trigger_id: "t", topic: "zlib", experiment: null }],
    last: summaryOf(NEW),
    refused: {
      cycle_id: "dream_20260131_140000_0000dddd",
      topic: "gzip",
      error_type: "ConfigInvalid",
      error_message: "dream.yaml:1:13: run.seed\ndream.yaml:2:5: retention",
      retry_possible: true,
    },
  };

  test("nobody answers: exit 69, and how to start the mesh", async () => {
    const { stderr, code } = await dream("status");
    expect(stderr).toContain("dream_consumer_daemon does not answer");
    expect(stderr).toContain("kloros up");
    expect(code).toBe(69);
    expect((await dream("status", "--watch")).code).toBe(69);
  });

  test("shows what runs, what waits, and how the last one ended", async () => {
    const daemon = await fakeDaemon(home, "dream_consumer_daemon", () => status);
    onTestFinished(() => daemon.close());
    const { stdout, code } = await dream("status");
    expect(stdout.replace(/ +/gu, " ")).toContain(`${OPEN} squeeze evaluating 2/6 5/8 5.25 12.0s of 2m00s`);
    expect(stdout).toContain("waiting: zlib");
    expect(stdout).toContain(`last: ${NEW}  squeeze complete: winner c00001`);
    expect(stdout).toContain(
      "refused since: dream_20260131_140000_0000dddd  ConfigInvalid: dream.yaml:1:13: run.seed\n  dream.yaml:2:5: retention",
    );
    expect(code).toBe(0);
    expect(daemon.asked).toEqual([{ event: "dream:status", data: {} }]);
    const json = await dream("status", "--json");
    expect(JSON.parse(json.stdout)).toEqual(status);
  });

  test("--watch looks again and again, and survives a restart of the daemon", async () => {
    const daemon = await fakeDaemon(home, "dream_consumer_daemon", () => ({
      running: [],
      queued: [],
      last: null,
      refused: null,
    }));
    const watching = startCli("kloros", ["dream", "status", "--watch", "--home", home]);
    onTestFinished(() => void watching.process.kill("SIGKILL"));
    await watching.sees(/no cycle runs/u);
    await daemon.close();
    await watching.sees(/does not answer/u);
    const again = await fakeDaemon(home, "dream_consumer_daemon", () => status);
    onTestFinished(() => again.close());
    await watching.sees(/evaluating/u);
  });
});

describe("kloros dream run", () => {
  const receipt = {
    id: "01890a5d-ac96-774b-bcce-b302099a8057",
    signal: "Q_DREAM_TRIGGER",
    seq: 1,
    durability: "synced",
  };
  beforeAll(() => {
    writeFileSync(
      join(home, "dream_lab", "dream.yaml"),
      "experiments: [{name: squeeze, enabled: false, search_space: {x: [1]}, evaluator: {command: [r]}}, " +
        "{name: other, search_space: {x: [1]}, evaluator: {command: [r]}}]",
    );
  });

  test("asks the policy engine for a trigger, also for an experiment that is disabled", async () => {
    const daemon = await fakeDaemon(home, "kloros_policy_engine", () => receipt);
    onTestFinished(() => daemon.close());
    const { stdout, code } = await dream("run", "squeeze", "--topic", "zlib");
    expect(stdout).toContain(`squeeze is asked for (${receipt.id})`);
    expect(code).toBe(0);
    const any = await dream("run", "--json");
    expect(JSON.parse(any.stdout)).toEqual(receipt);
    const facts = { reason: "requested_by_operator", promotion_count: 0, promotions: [] };
    expect(daemon.asked.map(({ data }) => data)).toEqual([
      { signal: "Q_DREAM_TRIGGER", facts: { ...facts, topic: "zlib", experiment: "squeeze" } },
      { signal: "Q_DREAM_TRIGGER", facts: { ...facts, topic: null } },
    ]);
  });

  test("a topic that no enabled experiment has is refused at once", async () => {
    const { stderr, code } = await dream("run", "--topic", "squeeze");
    expect(stderr).toContain("no enabled experiment for topic squeeze; enabled are other");
    expect(code).toBe(1);
  });

  test("an experiment that the file does not have is refused at once", async () => {
    const { stderr, code } = await dream("run", "squeze");
    expect(stderr).toContain("dream.yaml has no experiment squeze; did you mean squeeze?");
    expect(code).toBe(1);
  });

  test("nobody answers: exit 69", async () => {
    const { stderr, code } = await dream("run", "squeeze");
    expect(stderr).toContain("kloros_policy_engine");
    expect(code).toBe(69);
  });
});
