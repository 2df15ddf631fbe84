/** Evaluators of every kind, through the whole daemon: what comes of each, and that none harms another. */
import { execFileSync } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { askParts } from "@kloros/daemon/testing";
import { cyclePaths } from "@kloros/experiments";
import { expect, it } from "vitest";
import {
  candidates,
  CYCLE,
  evaluatorWith,
  experimentWith,
  homeWith,
  limitsWith,
  openAsker,
  requestFor,
  resultsIn,
  startConsumer,
  startsIn,
  until,
} from "./lab.ts";

function processesWith(word: string): string[] {
  return execFileSync("ps", ["-eo", "stat,args"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes(word) && !line.startsWith("Z") && !line.includes("ps -eo"));
}

it("ranks the candidates, whatever the worst of them do, and leaves nothing of them behind", async () => {
  const modes = [
    ["hang", "Timeout"],
    ["late", "Timeout"],
    ["crash", "NonZeroExit"],
    ["signal", "Signalled"],
    ["garbage", "InvalidResult"],
    ["nan", "NotFinite"],
    ["infinity", "NotFinite"],
    ["huge", "NotFinite"],
    ["text", "InvalidResult"],
    ["silent", "NoResult"],
    ["flood", "OutputLimit"],
    ["hog", "MemoryLimit"],
    ["burn", "CpuLimit"],
  ] as const;
  const entrants = candidates([
    { x: 3 },
    ...modes.map(([mode]) => ({ mode })),
    { mode: "fork", x: 7 },
    { x: 5 },
  ]);
  const experiment = experimentWith(
    evaluatorWith({ timeout_s: 2.5, ...limitsWith({ cpu_s: 0.4, memory_bytes: 256 * 1024 * 1024 }) }),
  );
  const home = await homeWith(experiment, entrants);
  const asker = await openAsker(home);
  await startConsumer(home);
  const asked = await asker.ask(requestFor(entrants.length, { max_concurrency: 3 }));

  const told = await asker.outcome();
  expect(told).toMatchObject({
    signal: "Q_TOURNAMENT_COMPLETE",
    causation_id: asked.id,
    facts: {
      candidates_evaluated: 3,
      candidates_failed: modes.length,
      winner_id: "c00015",
      winner_fitness: 7,
      results_path: `dream_lab/cycles/${CYCLE}/generations/g000.results.jsonl`,
    },
  });
  const results = new Map((await resultsIn(home)).map((result) => [result.candidate_id, result]));
  expect(results.size).toBe(entrants.length);
  for (const [index, [mode, type]] of modes.entries()) {
    const result = results.get(entrants[index + 1]!.candidate_id)!;
    expect([mode, result.error?.type]).toEqual([mode, type]);
    expect(result).toMatchObject({ status: "failed", fitness: null, metrics: null });
  }
  expect(results.get("c00004")?.error).toMatchObject({
    message: "the evaluator ended with exit code 3",
    stderr_tail: "out of ideas",
  });
  expect(results.get("c00001")).toMatchObject({ status: "ok", fitness: 3, metrics: { seed: 1_000 } });
  expect(processesWith("sleep 611").concat(processesWith("sleep 612"), processesWith("sleep 600"))).toEqual(
    [],
  );
  expect(await readdir(cyclePaths(home, CYCLE).work(""))).toEqual([]);
  expect(asker.progress.at(-1)).toMatchObject({ candidates_total: entrants.length, best_fitness: 7 });
});

it("a tournament in which all fail has no winner, and says whether trying again may help", async () => {
  const home = await homeWith(
    experimentWith(evaluatorWith({ timeout_s: 0.3 })),
    candidates([{ mode: "crash" }, { mode: "nan" }]),
  );
  const asker = await openAsker(home);
  await startConsumer(home);
  await asker.ask(requestFor(2));
  expect(await asker.outcome()).toMatchObject({
    signal: "Q_TOURNAMENT_FAILED",
    facts: { error_type: "AllCandidatesFailed", retry_possible: false, candidates_failed: 2 },
  });
});

it("of equal fitness the candidate that comes first wins; less is better where the experiment says so", async () => {
  const home = await homeWith(
    experimentWith({ metrics: { target_direction: "down" } }),
    candidates([{ x: 4 }, { x: 2, mode: "slow" }, { x: 2 }, { x: 3 }]),
  );
  const asker = await openAsker(home);
  await startConsumer(home);
  await asker.ask(requestFor(4));
  expect((await asker.outcome()).facts).toMatchObject({ winner_id: "c00002", winner_fitness: 2 });
});

it("each candidate is measured as often as asked, every time with another seed, and the median counts", async () => {
  const home = await homeWith(experimentWith(), candidates([{}]));
  const asker = await openAsker(home);
  await startConsumer(home);
  await asker.ask(requestFor(1, { repeats: 3 }));
  await asker.outcome();
  const [result] = await resultsIn(home);
  expect(result).toMatchObject({ status: "ok", fitness: 1, measurements: [1, 1, 1] });
  expect(new Set(await startsIn(home)).size).toBe(3);
});

it("to confirm, the two sides are measured in turns, the order swapped in each round, with the same seeds", async () => {
  const [champion, incumbent] = candidates([{}, {}]);
  const home = await homeWith(
    experimentWith(),
    [
      { ...champion!, candidate_id: "champion" },
      { ...incumbent!, candidate_id: "incumbent", seed: champion!.seed },
    ],
    "confirm",
  );
  const asker = await openAsker(home);
  await startConsumer(home);
  await asker.ask(requestFor(2, { purpose: "confirm", repeats: 4, max_concurrency: 2 }, "confirm"));
  expect((await asker.outcome()).facts).toMatchObject({ winner_id: "incumbent", candidates_evaluated: 2 });
  const starts = (await startsIn(home)).map((line) => line.split(" "));
  const round = ["champion", "incumbent", "incumbent", "champion"];
  expect(starts.map(([id]) => id)).toEqual([...round, ...round]);
  const seeds = (id: string) => starts.filter(([of]) => of === id).map(([, seed]) => seed);
  expect(seeds("champion")).toEqual(seeds("incumbent"));
});

it("runs no more candidates at once than the settings allow, however many are asked for", async () => {
  const home = await homeWith(
    experimentWith(),
    candidates([{ mode: "held" }, { mode: "held" }, { mode: "held" }]),
  );
  const asker = await openAsker(home);
  const { parts } = await startConsumer(home, { max_concurrency: 2 });
  await asker.ask(requestFor(3, { max_concurrency: 50 }));
  await until("two starts", async () => (await startsIn(home)).length === 2);
  const status = askParts(parts, "tournament:status") as { candidates_running: string[] }[];
  expect(status[0]?.candidates_running.sort()).toEqual(["c00001", "c00002"]);
  await writeFile(join(home, "go"), "");
  expect((await asker.outcome()).facts).toMatchObject({ candidates_evaluated: 3 });
});
