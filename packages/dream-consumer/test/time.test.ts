/** The time of a cycle: its end when nobody answers, across restarts, and whatever is done to the clock. */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { DreamStatus } from "../src/control.ts";
import type { MachineClock } from "../src/durable/machine-clock.ts";
import { dreamDaemon } from "./dream-daemon.ts";
import { eventually } from "./eventually.ts";
import { BASELINE, dreamYaml, homeWith, readJson } from "./home.ts";
import { policyIn, tournamentIn } from "./others.ts";

interface TestClock extends MachineClock {
  bootId: string;
  /** Added to the times that are told. */
  monotonicOffsetMs: number;
  wallOffsetMs: number;
}

function testClock(): TestClock {
  const clock: TestClock = {
    bootId: "boot-1",
    monotonicOffsetMs: 0,
    wallOffsetMs: 0,
    monotonicMs: () => performance.now() + clock.monotonicOffsetMs,
    wallMs: () => Date.now() + clock.wallOffsetMs,
  };
  return clock;
}

const HOUR_MS = 3_600_000;

describe("a cycle whose tournament nobody holds", () => {
  it("ends as OutOfTime when its budget and the grace are over, however the clock is set meanwhile", async () => {
    const home = await homeWith(dreamYaml([{ wallclock_sec: 1 }]));
    const policy = await policyIn(home);
    const tournament = await tournamentIn(home, { answers: () => false });
    const clock = testClock();
    await dreamDaemon(home, { grace: 500 }, { clock });
    const startedAt = performance.now();
    await policy.trigger();
    await eventually("a tournament", () => tournament.asked.length === 1);
    clock.wallOffsetMs = -HOUR_MS;
    await eventually("an end", () => policy.told.length === 1);
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThan(1_400);
    expect(tookMs).toBeLessThan(10_000);
    const [signal] = policy.failed();
    expect(signal?.facts).toMatchObject({
      error_type: "OutOfTime",
      retry_possible: true,
      error_message: expect.stringContaining("g000 has not answered") as string,
    });
    expect(signal?.facts.duration_seconds).toBeGreaterThan(1.4);
    expect(signal?.facts.duration_seconds).toBeLessThan(10);
  });

  it("has used its time also while the daemon was down, but not while the machine was off", async () => {
    const home = await homeWith(dreamYaml([{ wallclock_sec: 600 }]));
    const policy = await policyIn(home);
    const tournament = await tournamentIn(home, { answers: () => false });
    const clock = testClock();
    const first = await dreamDaemon(home, { grace: 500 }, { clock });
    await policy.trigger();
    await eventually("a tournament", () => tournament.asked.length === 1);
    await first.stop();
    // Another boot, its clock began anew, and the wall clock stands an hour before.
    clock.bootId = "boot-2";
    clock.monotonicOffsetMs = -performance.now();
    clock.wallOffsetMs = -HOUR_MS;
    const second = await dreamDaemon(home, { grace: 500 }, { clock });
    const elapsed = () => (second.ask("dream:status") as DreamStatus).running[0]?.elapsed_seconds;
    expect(elapsed()).toBeGreaterThanOrEqual(0);
    expect(elapsed()).toBeLessThan(60);
    await second.stop();
    expect(policy.told).toEqual([]);
  });

  it("ends at once when its time ran out while the daemon was down", async () => {
    const home = await homeWith(dreamYaml([{ wallclock_sec: 600 }]));
    const policy = await policyIn(home);
    const tournament = await tournamentIn(home, { answers: () => false });
    const clock = testClock();
    const first = await dreamDaemon(home, { grace: 500 }, { clock });
    await policy.trigger();
    await eventually("a tournament", () => tournament.asked.length === 1);
    await first.stop();
    clock.monotonicOffsetMs = HOUR_MS;
    await dreamDaemon(home, {}, { clock });
    await eventually("an end", () => policy.told.length === 1);
    expect(policy.failed()[0]?.facts.error_type).toBe("OutOfTime");
  });
});

describe("a cycle", () => {
  it("goes by its own snapshot when dream.yaml is changed or broken meanwhile", async () => {
    const home = await homeWith(dreamYaml([{ baseline: BASELINE }]));
    const policy = await policyIn(home);
    let isOpen = false;
    const tournament = await tournamentIn(home, { answers: () => isOpen });
    const first = await dreamDaemon(home);
    await policy.trigger();
    await eventually("a tournament", () => tournament.asked.length === 1);
    await writeFile(join(home, "dream_lab", "dream.yaml"), "experiments: [");
    await first.stop();
    isOpen = true;
    await dreamDaemon(home);
    const [request] = tournament.asked;
    const { writeResults, completionOf } = await import("./others.ts");
    const results = await writeResults(home, request!);
    await tournament.node.emit("Q_TOURNAMENT_COMPLETE", completionOf(request!, results));
    await eventually("an end", () => policy.told.length === 1);
    expect(policy.complete()[0]?.facts.mutations_generated).toBe(18);
  });

  it("rests between generations, and its budget of time ends the search, not the comparison", async () => {
    const run = "{scheduling: {backoff_sec: 0.4}}";
    const home = await homeWith(
      dreamYaml([{ baseline: BASELINE, wallclock_sec: 1, max_generations: 20, max_candidates: 200 }], run),
    );
    const policy = await policyIn(home);
    const tournament = await tournamentIn(home);
    await dreamDaemon(home);
    await policy.trigger();
    await eventually("an end", () => policy.told.length === 1);
    expect(policy.told[0]?.signal).toBe("Q_DREAM_COMPLETE");
    const searches = tournament.requests.filter(({ facts }) => facts.purpose === "search");
    expect(searches.length).toBeGreaterThanOrEqual(2);
    expect(searches.length).toBeLessThanOrEqual(3);
    const times = searches.map(({ timestamp }) => Date.parse(timestamp));
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(395);
  });

  it("fails truthfully, with its promotions left alone, when its files are damaged", async () => {
    const home = await homeWith(dreamYaml());
    const policy = await policyIn(home);
    const tournament = await tournamentIn(home, { answers: () => false });
    const first = await dreamDaemon(home);
    await policy.trigger();
    await eventually("a tournament", () => tournament.asked.length === 1);
    await first.stop();
    const cycles = join(home, "dream_lab", "cycles");
    const [id = ""] = await readdir(cycles);
    await rm(join(cycles, id, "generations"), { recursive: true });
    await writeFile(join(cycles, id, "generations"), "no folder any more");
    const { tournament_id, cycle_id } = tournament.asked[0]!;
    const failure = { error_type: "AllCandidatesFailed", error_message: "", retry_possible: false };
    await tournament.node.emit("Q_TOURNAMENT_FAILED", { tournament_id, cycle_id, ...failure });
    await dreamDaemon(home);
    await eventually("an end", () => policy.told.length === 1);
    expect(policy.failed()[0]?.facts).toMatchObject({ error_type: "FilesNotUsable", retry_possible: true });
    expect(await readFile(join(cycles, id, "generations"), "utf8")).toBe("no folder any more");
    await expect(readJson(cycles, id, "summary.json")).rejects.toThrow();
  });
});
