/** P3: whatever the step at which the daemon is killed, the cycle goes on where it was and ends once. */
import { readdirSync, watch } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseWinner } from "@kloros/experiments";
import { expect, it } from "vitest";
import { eventually } from "./eventually.ts";
import { BASELINE, dreamYaml, exists, homeWith, promotion, readJson, readLines } from "./home.ts";
import { policyIn, tournamentIn } from "./others.ts";
import { type Running, startProcess } from "./process.ts";

const PROMOTION = { experiment: "sorting", winner: { fitness: 1, params: { x: 1, kind: "plain" } } };

/** What can be seen from outside in the moment after a step: the file that it writes. */
const STEPS = [
  "cycle.json",
  "generations/g000.candidates.jsonl",
  "generations/g000.results.jsonl",
  "generations/g001.candidates.jsonl",
  "generations/g002.results.jsonl",
  "generations/confirm.candidates.jsonl",
  "generations/confirm.results.jsonl",
  "../../winners",
  "candidates.jsonl",
  "../../promotions/acknowledged",
  "fitness.svg",
  "summary.json",
];

/** Kills the daemon in the very moment in which a file of a step appears. */
async function killAt(home: string, step: string, daemon: Running): Promise<void> {
  const cycles = join(home, "dream_lab", "cycles");
  const isThere = () => {
    const [id] = readdirSync(cycles);
    if (id === undefined) return false;
    const path = join(cycles, id, step);
    return step.startsWith("..") ? readdirSync(path).length > 0 : exists(path);
  };
  const watcher = watch(join(home, "dream_lab"), { recursive: true }, () => {
    if (isThere()) daemon.child.kill("SIGKILL");
  });
  try {
    await eventually(step, () => {
      if (isThere()) daemon.child.kill("SIGKILL");
      return daemon.child.signalCode === "SIGKILL";
    });
  } finally {
    watcher.close();
  }
}

async function expectWholeCycle(home: string, id: string): Promise<void> {
  const folder = join(home, "dream_lab", "cycles", id);
  expect((await readdir(folder)).filter((name) => !name.startsWith("."))).toEqual(
    expect.arrayContaining(["candidates.jsonl", "cycle.json", "fitness.svg", "generations", "summary.json"]),
  );
  const all = await readLines(folder, "candidates.jsonl");
  expect(all.map((line) => line["candidate_id"])).toEqual(
    all.map((_, index) => `c${String(index + 1).padStart(5, "0")}`),
  );
  expect(await readJson(folder, "summary.json")).toMatchObject({
    status: "complete",
    candidates: all.length,
    promotions_acknowledged: ["p.json"],
  });
  const winner = parseWinner(await readFile(join(home, "dream_lab", "winners", `${id}.json`), "utf8"));
  expect(exists(home, "dream_lab", "winners", id, winner?.artifact.file ?? "none")).toBe(true);
  expect(await readdir(join(home, "dream_lab", "promotions", "acknowledged"))).toEqual(["p.json"]);
}

it.each(STEPS)(
  "killed with -9 when %s appears, it ends the cycle once, with the same candidates",
  async (step) => {
    const home = await homeWith(dreamYaml([{ baseline: BASELINE }]));
    await mkdir(join(home, "dream_lab", "promotions", "acknowledged"), { recursive: true });
    await promotion(home, "p.json", PROMOTION);
    const [policy, tournament] = [await policyIn(home), await tournamentIn(home)];
    const first = startProcess(home);
    const killed = killAt(home, step, first);
    await policy.trigger({ promotion_count: 1, promotions: ["p.json"] });
    await killed;
    const second = startProcess(home);
    await eventually("an end", () => policy.told.length > 0);
    expect(await second.stop()).toBe(0);
    expect(policy.told).toHaveLength(1);
    expect(policy.complete()).toHaveLength(1);
    const ids = tournament.asked.map(({ tournament_id }) => tournament_id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(4);
    await expectWholeCycle(home, policy.complete()[0]?.facts.cycle_id ?? "");
  },
);

it(
  "killed with -9 again and again at any moment, it carries out each trigger once",
  { timeout: 180_000 },
  async () => {
    const home = await homeWith(dreamYaml([{ baseline: BASELINE, max_candidates: 60, max_generations: 10 }]));
    const [policy, tournament] = [await policyIn(home), await tournamentIn(home)];
    const triggers = await Promise.all(Array.from({ length: 6 }, async () => policy.trigger()));
    let daemon = startProcess(home);
    for (let life = 0; policy.told.length < triggers.length && life < 12; life++) {
      const told = policy.told.length;
      const requests = tournament.asked.length;
      await eventually(
        "something to happen",
        () => policy.told.length > told || tournament.asked.length > requests,
      );
      await sleep(life * 7); // Each life ends a little later in the course of things.
      await daemon.kill();
      daemon = startProcess(home);
    }
    await eventually("all ends", () => policy.told.length >= triggers.length, 60_000);
    expect(await daemon.stop()).toBe(0);
    expect(policy.told.map(({ causation_id }) => causation_id).sort()).toEqual([...triggers].sort());
    const ids = tournament.asked.map(({ tournament_id }) => tournament_id);
    expect(new Set(ids).size).toBe(ids.length);
  },
);
