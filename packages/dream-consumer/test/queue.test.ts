/** Triggers that come twice, at once, too many, or again after a failure. */
import { describe, expect, it } from "vitest";
import type { DreamStatus } from "../src/control.ts";
import { dreamDaemon } from "./dream-daemon.ts";
import { eventually } from "./eventually.ts";
import { dreamYaml, homeWith } from "./home.ts";
import { nodeIn, policyIn, tournamentIn } from "./others.ts";

describe("triggers", () => {
  it("that ask again start nothing while their work waits, runs or is complete, and a new attempt after a failure", async () => {
    const home = await homeWith(dreamYaml());
    const policy = await policyIn(home);
    let mood: "silent" | "fails" | "works" = "silent";
    const tournament = await tournamentIn(home, {
      answers: () => mood !== "silent",
      measure: ({ params }, { repeats = 1 }) =>
        mood === "fails" ? "Timeout" : Array.from({ length: repeats }, () => Number(params["x"])),
    });
    const daemon = await dreamDaemon(home);
    const known = () =>
      daemon.logged.filter(({ message }) => message === "Trigger starts nothing new").length;
    const status = () => daemon.ask("dream:status") as DreamStatus;
    const root = await policy.trigger();
    await eventually("a tournament", () => tournament.asked.length === 1);
    await policy.trigger({ attempt: 2, retry_of: root });
    await eventually("it to be recognised while running", () => known() === 1);
    expect(status().queued).toEqual([]);

    mood = "fails";
    await daemon.ask("dream:cancel", { cycle_id: status().running[0]?.cycle_id });
    await eventually("a failure", () => policy.failed().length === 1);
    await policy.trigger({ attempt: 2, retry_of: root });
    await eventually("a second failure", () => policy.failed().length === 2);
    mood = "works";
    const third = await policy.trigger({ attempt: 3, retry_of: root });
    await eventually("a success", () => policy.complete().length === 1);
    const ids = policy.told.map(({ facts }) => facts.cycle_id);
    expect(ids.slice(1)).toEqual([`${ids[0] ?? ""}_r2`, `${ids[0] ?? ""}_r3`]);
    expect(ids[0]).toContain(root.slice(-8));
    expect(policy.complete()[0]?.causation_id).toBe(third);
    await policy.trigger({ attempt: 4, retry_of: root });
    await eventually("it to be recognised when complete", () => known() === 2);
    expect(policy.told).toHaveLength(3);
  });

  it("of one experiment wait for each other, those of another run beside it when more may run", async () => {
    const home = await homeWith(dreamYaml([{ name: "a" }, { name: "b" }]));
    const policy = await policyIn(home);
    let isOpen = false;
    const tournament = await tournamentIn(home, { answers: () => isOpen });
    const daemon = await dreamDaemon(home, { max_running: 2 });
    for (const topic of ["a", "a", "b"]) await policy.trigger({ topic });
    await eventually("two tournaments", () => tournament.asked.length === 2);
    const status = daemon.ask("dream:status") as DreamStatus;
    expect(status.running.map(({ experiment }) => experiment).sort()).toEqual(["a", "b"]);
    expect(status.queued).toMatchObject([{ topic: "a", experiment: "a" }]);
    isOpen = true;
    for (const { tournament_id, cycle_id } of tournament.asked) {
      const failure = { error_type: "StorageFailed", error_message: "no disk", retry_possible: true };
      await tournament.node.emit("Q_TOURNAMENT_FAILED", { tournament_id, cycle_id, ...failure });
    }
    await eventually("all ends", () => policy.told.length === 3);
    expect(policy.failed().map(({ facts }) => facts)).toMatchObject([
      { error_type: "TournamentFailed", retry_possible: true },
      { error_type: "TournamentFailed", retry_possible: true },
    ]);
    expect(policy.complete()[0]?.facts.experiment).toBe("a");
  });

  it("beyond what may wait are refused as QueueFull", async () => {
    const home = await homeWith(dreamYaml());
    const policy = await policyIn(home);
    await tournamentIn(home, { answers: () => false });
    const daemon = await dreamDaemon(home, { max_queued: 2 });
    await policy.trigger();
    await eventually("a cycle", () => (daemon.ask("dream:status") as DreamStatus).running.length === 1);
    for (let count = 0; count < 4; count++) await policy.trigger();
    await eventually("two refusals", () => policy.failed().length === 2);
    expect(policy.failed()[0]?.facts).toMatchObject({ error_type: "QueueFull", retry_possible: true });
    expect((daemon.ask("dream:status") as DreamStatus).queued).toHaveLength(2);
  });
});

it("tells how far it is at most twice a second, from what the tournament tells", async () => {
  const home = await homeWith(dreamYaml());
  const policy = await policyIn(home);
  const tournament = await tournamentIn(home, { answers: () => false });
  const told: unknown[] = [];
  await nodeIn(home, "orchestrator_monitor", (node) => {
    node.on("Q_DREAM_PROGRESS", ({ facts }) => void told.push(facts));
  });
  const daemon = await dreamDaemon(home);
  await policy.trigger();
  await eventually("a tournament", () => tournament.asked.length === 1);
  const [{ tournament_id, cycle_id } = { tournament_id: "", cycle_id: "" }] = tournament.asked;
  let done = 0;
  const tell = async (id: string) =>
    tournament.node.emit("Q_TOURNAMENT_PROGRESS", {
      tournament_id: id,
      cycle_id,
      candidates_done: ++done % 6,
      candidates_failed: 0,
      candidates_total: 6,
      best_fitness: 4,
      elapsed_seconds: 1,
    });
  const startedAt = performance.now();
  await eventually("three tellings", async () => {
    await tell(tournament_id);
    await tell("another");
    return told.length >= 3;
  });
  expect(performance.now() - startedAt).toBeGreaterThan(900);
  expect(told[0]).toMatchObject({
    cycle_id,
    phase: "evaluating",
    generation: 0,
    candidates_total: 6,
    best_fitness: 4,
  });
  const status = daemon.ask("dream:status") as DreamStatus;
  expect(status.running[0]).toMatchObject({ candidates_total: 6, best_fitness: 4 });
});
