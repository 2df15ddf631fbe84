/** What a person can see of triggers that lead to no cycle, and of promotions that are of no use to theirs. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { DreamStatus } from "../src/control.ts";
import { dreamDaemon } from "./dream-daemon.ts";
import { eventually } from "./eventually.ts";
import { dreamYaml, homeWith } from "./home.ts";
import { policyIn, tournamentIn } from "./others.ts";

it("a trigger that no experiment answers is in the status until a cycle has ended", async () => {
  const home = await homeWith(dreamYaml([{}]));
  const policy = await policyIn(home);
  await tournamentIn(home);
  const daemon = await dreamDaemon(home);
  const status = () => daemon.ask("dream:status") as DreamStatus;
  await policy.trigger({ topic: "nowhere" });
  await eventually("the refusal", () => policy.failed().length === 1);
  expect(status()).toMatchObject({
    running: [],
    last: null,
    refused: { topic: "nowhere", error_type: "NoExperiment" },
  });
  await policy.trigger();
  await eventually("the next cycle", () => policy.complete().length === 1);
  expect(status()).toMatchObject({ last: { status: "complete" }, refused: null });
});

it("parameters of a promotion that do not fit are not tried, and the log says why", async () => {
  const home = await homeWith(dreamYaml([{}]));
  const folder = join(home, "dream_lab", "promotions");
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, "misfit.json"),
    JSON.stringify({ experiment: "sorting", winner: { fitness: 1, params: { x: "many" } } }),
  );
  const policy = await policyIn(home);
  await tournamentIn(home);
  const daemon = await dreamDaemon(home);
  await policy.trigger({ promotions: ["misfit.json"], promotion_count: 1 });
  await eventually("the cycle", () => policy.complete().length === 1);
  const told = daemon.logged.filter(({ message }) => message.includes("do not fit"));
  expect(told).toMatchObject([{ data: { file: "misfit.json", experiment: "sorting" } }]);
});
