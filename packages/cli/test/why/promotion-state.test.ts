/** What `kloros why <promotion>` and `kloros dream run --promotions` make of the files in the promotions folder. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { fakeDaemon } from "../dream/fake-daemon.ts";
import { runCli, temporaryFolder } from "../run-cli.ts";

const folder = temporaryFolder();
const home = folder.path;
const SIGNAL = "0199d2a4-7a00-7000-8000-000000000001";
const NAMES = ["fits.json", "misfit.json", "lost.json", "plain.json"];

beforeAll(() => {
  const lab = join(home, "dream_lab");
  mkdirSync(join(lab, "promotions", "acknowledged"), { recursive: true });
  writeFileSync(
    join(lab, "dream.yaml"),
    "experiments: [{name: gzip, topics: [zip], search_space: {x: {type: real, min: 0, max: 9}}, evaluator: {command: [r]}}]",
  );
  const promotions = {
    "fits.json": { experiment: "zip", winner: { fitness: 1, params: { x: 3, foreign: 1 } } },
    "misfit.json": { experiment: "gzip", winner: { fitness: 1, params: { x: 30 } } },
    "lost.json": { experiment: "nowhere", winner: { fitness: 1 } },
    "plain.json": { promoted_at: "2026-01-31T12:00:00Z", variant_id: "v1", score: 1 },
    "bad.json": { experiment: "gzip", winner: { fitness: -1 } },
    "acknowledged/done.json": {},
  };
  for (const [name, content] of Object.entries(promotions))
    writeFileSync(join(lab, "promotions", name), JSON.stringify(content));
  writeFileSync(
    join(home, "policy_decisions.jsonl"),
    ["gzip", "nowhere", "zip", "null"].map((key) => `${decision(key)}\n`).join(""),
  );
});
afterAll(folder.remove);

function decision(key: string): string {
  const groups = [
    { topic: "gzip", promotions: ["misfit.json"] },
    { topic: "nowhere", promotions: ["lost.json"] },
    { topic: "zip", promotions: ["fits.json"] },
    { topic: null, promotions: ["plain.json"] },
  ];
  return JSON.stringify({
    schema: "kloros.decision/1",
    id: `about-${key}`,
    at: "2026-01-31T12:00:00.000Z",
    outcome: "no",
    rule: "dream_on_promotions",
    key,
    reason: "it triggered before",
    signal: { signal: "Q_PROMOTIONS_DETECTED", id: SIGNAL, correlation_id: SIGNAL },
    emitted: [],
    gates: [],
    inputs: { facts: { promotions: NAMES, groups } },
  });
}

const why = (...args: string[]) => runCli("kloros", ["why", ...args, "--home", home]);

describe("kloros why, asked about a promotion", () => {
  test.each([
    ["fits.json", ["about-zip"]],
    ["lost.json", ["about-nowhere"]],
    ["plain.json", ["about-null"]],
    ["nowhere", ["about-nowhere"]],
    [SIGNAL, ["about-gzip", "about-nowhere", "about-zip", "about-null"]],
  ])("%s: tells the decisions about its own group only", async (id, ids) => {
    const { stdout } = await why(id, "--json");
    expect((JSON.parse(stdout) as { id: string }[]).map((one) => one.id)).toEqual(ids);
  });

  test("says how one that is not acknowledged gets going again", async () => {
    const { stdout } = await why("fits.json");
    expect(stdout).toContain("fits.json is not acknowledged: no cycle that it fed has run to its end\n");
    expect(stdout).toContain("kloros dream run gzip --promotions");
    expect(stdout).not.toContain("do not fit");
  });

  test("says that no experiment has its topic, and that its parameters do not fit", async () => {
    expect((await why("lost.json")).stdout).toContain(
      'no enabled experiment of dream.yaml is called "nowhere"',
    );
    expect((await why("misfit.json")).stdout).toMatch(/do not fit gzip and are left out: .*from 0 to 9.*30/u);
  });

  test("says why one is refused of which no decision is known", async () => {
    const { stderr, code } = await why("bad.json");
    expect(stderr).toMatch(/no decision is known about bad\.json\n {2}bad\.json is refused: .*negative/u);
    expect(code).toBe(1);
  });

  test("says where an acknowledged one is", async () => {
    expect((await why("done.json")).stderr).toContain("moved to promotions/acknowledged/");
  });
});

describe("kloros dream run --promotions", () => {
  test("names those that wait for the experiment, by name, by topic, and without one", async () => {
    const receipt = { id: SIGNAL, signal: "Q_DREAM_TRIGGER", seq: 1, durability: "synced" };
    const daemon = await fakeDaemon(home, "kloros_policy_engine", () => receipt);
    onTestFinished(() => daemon.close());
    const { stdout } = await runCli("kloros", ["dream", "run", "gzip", "--promotions", "--home", home]);
    expect(stdout).toContain("gzip is asked for, fed by 3 promotions");
    expect(daemon.asked.map(({ data }) => data)).toMatchObject([
      { facts: { promotion_count: 3, promotions: ["fits.json", "misfit.json", "plain.json"] } },
    ]);
  });
});
