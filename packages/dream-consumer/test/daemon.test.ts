/** Cycles from trigger to end, on real nodes, with a scripted tournament on the other side. */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CycleSummary, cyclePaths, parseCycle, parseSummary, parseWinner } from "@kloros/experiments";
import { describe, expect, it } from "vitest";
import { dreamDaemon } from "./dream-daemon.ts";
import { eventually } from "./eventually.ts";
import { BASELINE, dreamYaml, exists, homeWith, promotion, readJson, readLines } from "./home.ts";
import { policyIn, tournamentIn } from "./others.ts";

async function cycleFolder(home: string): Promise<string> {
  const [id = ""] = await readdir(join(home, "dream_lab", "cycles"));
  return join(home, "dream_lab", "cycles", id);
}

describe("a trigger", () => {
  it("becomes a cycle whose winner beats the baseline, with all its files and one signal at its end", async () => {
    const home = await homeWith(dreamYaml([{ baseline: BASELINE }]));
    const [policy, tournament] = [await policyIn(home), await tournamentIn(home)];
    await dreamDaemon(home);
    const id = await policy.trigger({ topic: "sorting" });
    await eventually("an end", () => policy.told.length === 1);

    const [{ facts, correlation_id, causation_id } = failNow()] = policy.complete();
    expect([correlation_id, causation_id]).toEqual([id, id]);
    const time = new Date().toISOString().slice(0, 10).replaceAll("-", "");
    expect(facts.cycle_id).toMatch(new RegExp(`^dream_${time}_\\d{6}_${id.slice(-8)}$`));
    expect(facts).toMatchObject({
      experiment: "sorting",
      topic: "sorting",
      mutations_generated: 18,
      winner_path: `dream_lab/winners/${facts.cycle_id}.json`,
      promotions_acknowledged: [],
    });
    expect(facts.fitness_improvement).toBeGreaterThan(0);

    expect(tournament.asked.map(({ tournament_id }) => tournament_id.split(".")[1])).toEqual([
      "g000",
      "g001",
      "g002",
      "confirm",
    ]);
    expect(tournament.asked.at(-1)).toMatchObject({ purpose: "confirm", candidate_count: 2, repeats: 5 });
    for (const request of tournament.requests) expect(request.correlation_id).toBe(id);

    const paths = cyclePaths(home, facts.cycle_id);
    const record = parseCycle(await readFile(paths.cycle, "utf8"));
    expect(record).toMatchObject({
      trigger_id: id,
      attempt: 1,
      incumbent: { version_id: null, params: { x: 5 } },
    });
    const all = await readLines(paths.folder, "candidates.jsonl");
    expect(all).toHaveLength(18);
    expect(all[0]).toMatchObject({
      candidate_id: "c00001",
      origin: { kind: "baseline" },
      fitness: 5,
      status: "ok",
    });
    const best = all.reduce((a, b) => (Number(a["fitness"]) >= Number(b["fitness"]) ? a : b));
    expect(facts.tournament_winner).toBe(best["candidate_id"]);
    const summary = parseSummary(await readFile(paths.summary, "utf8"));
    expect(summary).toMatchObject({
      status: "complete",
      generations: 3,
      candidates: 18,
      failed: 0,
      winner_id: best["candidate_id"],
      incumbent: { version_id: null, fitness: 5 },
      p_value: 0,
    });
    expect(summary?.generations_table.map(({ generation }) => generation)).toEqual([0, 1, 2]);
    expect(await readFile(paths.picture, "utf8")).toMatch(/^<svg .*in use: baseline \(5\)/s);
    const winner = parseWinner(await readFile(join(home, facts.winner_path ?? ""), "utf8"));
    expect(winner).toMatchObject({ winner_id: best["candidate_id"], improvement: facts.fitness_improvement });
    const artifact = join(home, "dream_lab", "winners", facts.cycle_id, winner?.artifact.file ?? "");
    expect(JSON.parse(await readFile(artifact, "utf8"))).toEqual(best["params"]);
  });

  it("leads to nothing deployed when no candidate is better, and says why", async () => {
    const home = await homeWith(dreamYaml([{ baseline: "{x: 10, kind: plain}" }]));
    const policy = await policyIn(home);
    const tournament = await tournamentIn(home);
    await dreamDaemon(home);
    await promotion(home, "p.json", {
      experiment: "sorting",
      winner: { fitness: 1, params: { x: 3, kind: "fancy", alien: 1 } },
    });
    await policy.trigger({ topic: "sorting", promotion_count: 1, promotions: ["p.json"] });
    await eventually("an end", () => policy.told.length === 1);
    expect(policy.failed()[0]?.facts).toMatchObject({ error_type: "NoImprovement", retry_possible: false });
    expect(tournament.asked.every(({ purpose }) => purpose === "search")).toBe(true); // The best is the baseline itself.
    const folder = await cycleFolder(home);
    const all = await readLines(folder, "candidates.jsonl");
    const started = all.find((line) => JSON.stringify(line["origin"]).includes("p.json"));
    expect(started).toMatchObject({ params: { x: 3, kind: "fancy" }, generation: 0, fitness: 3 });
    expect(await readdir(join(home, "dream_lab", "promotions", "acknowledged"))).toEqual(["p.json"]);
    expect(exists(home, "dream_lab", "promotions", "p.json")).toBe(false);
    expect(await readJson(folder, "summary.json")).toMatchObject({ promotions_acknowledged: ["p.json"] });
    expect(await readdir(join(home, "dream_lab", "winners"))).toEqual([]);
  });

  it("takes a winner that may be luck for none", async () => {
    const home = await homeWith(dreamYaml([{ baseline: BASELINE }]));
    const policy = await policyIn(home);
    await tournamentIn(home, {
      measure: ({ params, candidate_id }, { purpose, repeats = 1 }) => {
        if (purpose === "search") return [Number(params["x"])];
        return Array.from(
          { length: repeats },
          (_, index) => index * 2 + (candidate_id === "champion" ? 1 : 0),
        );
      },
    });
    await dreamDaemon(home);
    await policy.trigger();
    await eventually("an end", () => policy.told.length === 1);
    expect(policy.failed()[0]?.facts).toMatchObject({
      error_type: "NoImprovement",
      error_message: expect.stringContaining("may be luck") as string,
    });
    const summary = await readJson<CycleSummary>(await cycleFolder(home), "summary.json");
    expect(summary).toMatchObject({ improvement: 1, winner_id: null, incumbent: { fitness: 4 } });
    expect(summary.p_value).toBeGreaterThan(0.05);
  });

  it("ends as AllCandidatesFailed when all of the first generation fail, and leaves promotions alone", async () => {
    const home = await homeWith(dreamYaml());
    const policy = await policyIn(home);
    const tournament = await tournamentIn(home, { measure: () => "NonZeroExit" });
    await dreamDaemon(home);
    await promotion(home, "p.json", {
      experiment: "sorting",
      winner: { fitness: 1, params: { x: 3, kind: "fancy" } },
    });
    await policy.trigger({ promotion_count: 1, promotions: ["p.json"] });
    await eventually("an end", () => policy.told.length === 1);
    expect(policy.failed()[0]?.facts).toMatchObject({
      error_type: "AllCandidatesFailed",
      retry_possible: true,
    });
    expect(tournament.asked).toHaveLength(1);
    expect(exists(home, "dream_lab", "promotions", "p.json")).toBe(true);
    const folder = await cycleFolder(home);
    expect(await readFile(join(folder, "fitness.svg"), "utf8")).toContain("failed: 6");
    expect(await readLines(folder, "candidates.jsonl")).toHaveLength(6);
  });

  it("stops early without progress, and when a finite space is used up", async () => {
    const yaml = dreamYaml([
      { name: "flat", max_generations: 9, more: "convergence: {patience_gens: 1}" },
      { name: "small", max_generations: 9, max_candidates: 100 },
    ]).replace(/(name: small[\s\S]*?)x: \{type: real, min: 0, max: 10\}/, "$1x: [1, 2, 3, 4]");
    const home = await homeWith(yaml);
    const policy = await policyIn(home);
    const tournament = await tournamentIn(home, {
      measure: ({ params }, { experiment, repeats = 1 }) =>
        Array.from({ length: repeats }, () => (experiment === "flat" ? 1 : Number(params["x"]))),
    });
    await dreamDaemon(home);
    await policy.trigger({ topic: "flat" });
    await policy.trigger({ topic: "small" });
    await eventually("both ends", () => policy.told.length === 2);
    const generations = (name: string) =>
      tournament.asked.filter(({ experiment, purpose }) => experiment === name && purpose === "search");
    expect(generations("flat")).toHaveLength(2);
    expect(generations("small").map(({ candidate_count }) => candidate_count)).toEqual([6, 2]);
    expect(policy.complete()).toHaveLength(2); // Nothing was in use.
    expect(policy.complete()[0]?.facts.fitness_improvement).toBe(0);
  });

  it("is answered with every mistake in dream.yaml, by path and line, when that is broken or missing", async () => {
    const broken = dreamYaml([{ max_candidates: -3 }]).replace(
      "selector: {population: 6}",
      "selector: {population: none}",
    );
    const home = await homeWith(broken);
    const policy = await policyIn(home);
    await tournamentIn(home);
    await dreamDaemon(home);
    await policy.trigger();
    await eventually("a refusal", () => policy.told.length === 1);
    const [{ facts } = failNow()] = policy.failed();
    expect(facts).toMatchObject({ error_type: "ConfigInvalid", retry_possible: true });
    expect(facts.error_message).toMatch(/dream\.yaml:\d+:\d+: experiments\[0\]\.budget\.max_candidates/);
    expect(facts.error_message).toMatch(/dream\.yaml:\d+:\d+: experiments\[0\]\.selector\.population/);

    await rm(join(home, "dream_lab", "dream.yaml"));
    await policy.trigger();
    await eventually("a second refusal", () => policy.told.length === 2);
    expect(policy.failed()[1]?.facts.error_message).toContain("dream.yaml does not exist");

    await writeFile(
      join(home, "dream_lab", "dream.yaml"),
      dreamYaml([{ name: "off", more: "enabled: false" }, {}]),
    );
    await policy.trigger({ topic: "off" });
    await policy.trigger({ topic: "unknown" });
    await eventually("two more", () => policy.told.length === 4);
    expect(
      policy
        .failed()
        .slice(2)
        .map((signal) => signal.facts.error_type),
    ).toEqual(["NoExperiment", "NoExperiment"]);
    expect(policy.failed()[2]?.facts.error_message).toContain("enabled: true");
    expect(policy.failed()[3]?.facts.error_message).toContain("enabled are sorting");
    await policy.trigger();
    await eventually("a cycle", () => policy.complete().length === 1);
  });
});

function failNow(): never {
  throw new Error("there is none");
}
