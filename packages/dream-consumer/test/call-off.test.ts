/** A cancelled cycle does not leave its candidates running beside the next one's. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openControlServer } from "@kloros/daemon";
import { expect, it, onTestFinished } from "vitest";
import type { DreamStatus } from "../src/control.ts";
import { dreamDaemon } from "./dream-daemon.ts";
import { eventually } from "./eventually.ts";
import { dreamYaml, homeWith } from "./home.ts";
import { policyIn, tournamentIn } from "./others.ts";

it("the tournament of a cancelled cycle is called off", async () => {
  const home = await homeWith(dreamYaml([{}]));
  const calledOff: unknown[] = [];
  await mkdir(join(home, "run"), { recursive: true });
  const server = await openControlServer(
    join(home, "run", "tournament_consumer_daemon.sock"),
    ({ event, data }) => {
      calledOff.push([event, data]);
      return {};
    },
  );
  onTestFinished(() => server.close());
  const policy = await policyIn(home);
  const tournament = await tournamentIn(home, { answers: () => false });
  const daemon = await dreamDaemon(home);
  await policy.trigger();
  await eventually("a tournament", () => tournament.asked.length === 1);
  await eventually("that it is waited for", () => phase() === "evaluating");
  await daemon.ask("dream:cancel", { cycle_id: tournament.asked[0]?.cycle_id });
  await eventually("the call", () => calledOff.length === 1);
  expect(calledOff).toEqual([["tournament:cancel", { tournament_id: tournament.asked[0]?.tournament_id }]]);

  function phase(): string | undefined {
    return (daemon.ask("dream:status") as DreamStatus).running[0]?.phase;
  }
});
