/** `kloros` and `chem-bus` as a user types them, without a running mesh. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli, temporaryFolder } from "../run-cli.ts";

const folder = temporaryFolder();
const home = join(folder.path, "home");
beforeAll(async () => {
  expect((await runCli("kloros", ["init", "--home", home])).code).toBe(0);
});
afterAll(folder.remove);

describe("help and usage", () => {
  test.each([
    ["kloros", ["--help"], "Exit codes"],
    ["kloros", ["up", "--help"], "Examples:"],
    ["chem-bus", ["--help"], "Exit codes"],
    ["chem-bus", ["emit", "--help"], "Examples:"],
    ["chem-bus", ["dead", "list", "--help"], "Examples:"],
  ] as const)("%s %j explains itself and exits 0", async (command, args, words) => {
    const { code, stdout, stderr } = await runCli(command, args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(words);
  });

  test.each([
    ["kloros", ["stauts"], "Did you mean status?"],
    ["chem-bus", ["emti"], "Did you mean emit?"],
    ["chem-bus", ["emit", "Q_X", "{}", "--piority", "high"], "Did you mean --priority?"],
    [
      "chem-bus",
      ["emit", "Q_X", "{}", "--priority", "urgent"],
      "Allowed choices are critical, high, normal, low",
    ],
    ["chem-bus", ["trace"], "missing required argument 'id'"],
    ["chem-bus", ["emit", "Q_DREAM_TRIGGER", "{nonsense", "--home", home], "the facts are no JSON"],
    ["chem-bus", [], "Usage: chem-bus"],
    ["kloros", ["up", "--only", "intent_ruoter", "--home", home], "did you mean intent_router?"],
  ] as const)("%s %j is a usage error (64) that says what to do", async (command, args, words) => {
    const { code, stderr } = await runCli(command, args);
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/^\s+at /mu);
    expect(code).toBe(64);
  });
});

describe("kloros init", () => {
  test("creates a private home with both files, and keeps what exists the second time", async () => {
    expect(readFileSync(join(home, "mesh.yaml"), "utf8")).toContain("# workspace:");
    writeFileSync(join(home, "mesh.yaml"), "log_level: debug\n");
    const again = await runCli("kloros", ["init", "--home", home, "--json"]);
    expect(JSON.parse(again.stdout)).toEqual({ home, created: [] });
    expect(readFileSync(join(home, "mesh.yaml"), "utf8")).toBe("log_level: debug\n");
    writeFileSync(join(home, "mesh.yaml"), "");
  });

  test("takes the home from KLOROS_HOME", async () => {
    const other = join(folder.path, "other");
    expect((await runCli("kloros", ["init"], { KLOROS_HOME: other })).code).toBe(0);
    expect(existsSync(join(other, "capabilities.yaml"))).toBe(true);
  });

  test("says which path is wrong when the home cannot be created", async () => {
    writeFileSync(join(folder.path, "file"), "");
    const { code, stderr } = await runCli("kloros", ["init", "--home", join(folder.path, "file", "home")]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^kloros: cannot create .*file\/home/u);
  });
});

describe("without a mesh", () => {
  test.each([
    ["kloros", ["status"]],
    ["kloros", ["restart", "intent_router"]],
    [
      "chem-bus",
      [
        "emit",
        "Q_CURIOSITY_INVESTIGATE",
        '{"question":"q","question_id":"q.1","priority":"low","evidence":[]}',
      ],
    ],
  ] as const)("%s %j exits 69 and says how to start one", async (command, args) => {
    const { code, stderr, stdout } = await runCli(command, [...args, "--home", home]);
    expect(stderr).toMatch(/kloros up/u);
    expect({ code, stdout }).toEqual({ code: 69, stdout: "" });
  });

  test("a home that does not exist is not reachable", async () => {
    const { code, stderr } = await runCli("kloros", ["status", "--home", join(folder.path, "nowhere")]);
    expect(code).toBe(69);
    expect(stderr).toContain("there is no home");
  });
});

describe("chem-bus emit refuses what the contract forbids, with or without a mesh", () => {
  test("each wrong fact is named", async () => {
    const facts = JSON.stringify({
      question: 7,
      question_id: "q.1",
      priority: "urgent",
      evidence: [],
      colour: "red",
    });
    const { code, stderr } = await runCli("chem-bus", [
      "emit",
      "Q_CURIOSITY_INVESTIGATE",
      facts,
      "--home",
      home,
    ]);
    expect(code).toBe(1);
    for (const name of ["question", "priority", "colour"])
      expect(stderr).toMatch(new RegExp(`^ {2}${name}: `, "mu"));
  });

  test("a signal without ingress is explained", async () => {
    const { code, stderr } = await runCli("chem-bus", ["emit", "Q_MODULE_DISCOVERED", "{}", "--home", home]);
    expect(code).toBe(1);
    expect(stderr).toContain("no ingress, only orchestrator_monitor may emit it");
  });

  test("a misspelt name gets a suggestion", async () => {
    const { code, stderr } = await runCli("chem-bus", ["emit", "Q_DREAM_TRIGER", "{}", "--home", home]);
    expect(code).toBe(1);
    expect(stderr).toContain("did you mean Q_DREAM_TRIGGER?");
  });
});

describe("dead letters", () => {
  const letter = (id: string, error: string, fingerprint: string, timestamp: string): string =>
    JSON.stringify({
      id,
      signal: { signal: "Q_X_DONE", id: `signal-${id}`, facts: { a: 1 } },
      error,
      timestamp,
      daemon: "x_daemon",
      traceback: `${error}\n    at x`,
      attempts: 3,
      fingerprint,
    });

  beforeAll(() => {
    mkdirSync(home, { recursive: true });
    const lines = [
      letter("11111111-a", "boom 1", "f1", "2026-01-01T00:00:01.000Z"),
      letter("11111111-b", "boom 2", "f1", "2026-01-01T00:00:02.000Z"),
      letter("22222222-c", "bang \u001b[31m", "f2", "2026-01-01T00:00:03.000Z"),
      '{"torn',
    ];
    writeFileSync(join(home, "failed_signals.jsonl"), lines.join("\n"));
  });

  test("are listed, filtered and grouped", async () => {
    const list = await runCli("chem-bus", ["dead", "list", "--home", home, "--json"]);
    expect((JSON.parse(list.stdout) as { id: string }[]).map(({ id }) => id)).toEqual([
      "11111111-a",
      "11111111-b",
      "22222222-c",
    ]);
    const none = await runCli("chem-bus", ["dead", "list", "--home", home, "--json", "--signal", "Q_Y*"]);
    expect(JSON.parse(none.stdout)).toEqual([]);
    const grouped = await runCli("chem-bus", ["dead", "list", "--home", home, "--json", "--group"]);
    expect(JSON.parse(grouped.stdout)).toMatchObject([
      {
        fingerprint: "f1",
        count: 2,
        error: "boom 2",
        first: "2026-01-01T00:00:01.000Z",
        last: "2026-01-01T00:00:02.000Z",
      },
      { fingerprint: "f2", count: 1 },
    ]);
    const text = await runCli("chem-bus", ["dead", "list", "--home", home]);
    expect(text.stdout).toContain("bang \\x1b[31m");
    expect(text.stderr).toContain("skipped");
  });

  test("are shown by their id, its beginning, or the id of the signal", async () => {
    for (const id of ["22222222", "22222222-c", "signal-22222222-c"]) {
      const shown = await runCli("chem-bus", ["dead", "show", id, "--home", home, "--json"]);
      expect(JSON.parse(shown.stdout)).toMatchObject({ id: "22222222-c" });
    }
    const ambiguous = await runCli("chem-bus", ["dead", "show", "11111111", "--home", home]);
    expect([ambiguous.code, ambiguous.stderr]).toEqual([1, expect.stringContaining("2 ids")]);
    const missing = await runCli("chem-bus", ["dead", "show", "99999999", "--home", home]);
    expect(missing.code).toBe(1);
  });
});
