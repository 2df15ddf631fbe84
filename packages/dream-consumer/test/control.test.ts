/** What the daemon answers when it is asked. */
import { describe, expect, it } from "vitest";
import type { DreamStatus } from "../src/control.ts";
import { dreamDaemon } from "./dream-daemon.ts";
import { eventually } from "./eventually.ts";
import { dreamYaml, homeWith } from "./home.ts";
import { policyIn, tournamentIn } from "./others.ts";

describe("a daemon that is asked", () => {
  it("tells what runs, what waits and how the last cycle ended, and cancels what it is told to", async () => {
    const home = await homeWith(dreamYaml([{}, { name: "other" }]));
    const policy = await policyIn(home);
    let isOpen = false;
    const tournament = await tournamentIn(home, { answers: () => isOpen });
    const daemon = await dreamDaemon(home);
    const status = () => daemon.ask("dream:status") as DreamStatus;
    expect(status()).toEqual({ running: [], queued: [], last: null, refused: null });
    await policy.trigger();
    const waiting = await policy.trigger({ topic: "other" });
    await eventually("a tournament", () => tournament.asked.length === 1);
    await eventually("a queue", () => status().queued.length === 1);
    const [running] = status().running;
    expect(running).toMatchObject({
      experiment: "sorting",
      phase: "evaluating",
      generation: 0,
      generations_max: 3,
      candidates_done: 0,
      candidates_total: 6,
      best_fitness: null,
      budget_seconds: 60,
    });
    expect(status().queued).toMatchObject([{ trigger_id: waiting, topic: "other" }]);

    await expect(daemon.ask("dream:cancel", { cycle_id: "dream_0" })).rejects.toThrow(
      /neither runs nor waits/,
    );
    await expect(daemon.ask("dream:cancel", {})).rejects.toThrow(/cycle_id is required/);
    await daemon.ask("dream:cancel", { cycle_id: status().queued[0]?.cycle_id });
    await eventually("the waiting one to end", () => policy.failed().length === 1);
    await daemon.ask("dream:cancel", { cycle_id: running?.cycle_id });
    await eventually("the running one to end", () => policy.failed().length === 2);
    expect(policy.failed().map(({ facts }) => facts.error_type)).toEqual(["Cancelled", "Cancelled"]);
    expect(status()).toMatchObject({
      running: [],
      queued: [],
      last: { status: "failed", error: { type: "Cancelled" } },
    });

    // The cancelled tournament's answer comes late: it disturbs nobody.
    isOpen = true;
    const [late] = tournament.asked;
    await tournament.node.emit("Q_TOURNAMENT_FAILED", {
      tournament_id: late?.tournament_id ?? "",
      cycle_id: late?.cycle_id ?? "",
      error_type: "Cancelled",
      error_message: "late",
      retry_possible: false,
    });
    await eventually("a log line", () =>
      daemon.logged.some(({ message }) => message.startsWith("No such cycle")),
    );
    await policy.trigger();
    await eventually("the next cycle", () => policy.complete().length === 1);
  });
});
