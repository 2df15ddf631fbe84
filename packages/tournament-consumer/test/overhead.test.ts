/**
 * What a candidate costs beyond its evaluator: wall time is printed, for it depends on who else uses the machine; what is held to a limit
 * is the time that this process itself computes.
 */
import { expect, it } from "vitest";
import {
  candidates,
  evaluatorWith,
  experimentWith,
  homeWith,
  openAsker,
  requestFor,
  startConsumer,
} from "./lab.ts";

const COUNT = 60;
const LIMIT_MS = 40;

it("a candidate costs less than 40 ms of computing beyond its evaluator", async () => {
  const home = await homeWith(
    experimentWith(evaluatorWith({ command: ["/bin/echo", '{"fitness": 1}'] })),
    candidates(Array.from({ length: COUNT }, () => ({}))),
  );
  const asker = await openAsker(home);
  await startConsumer(home);
  const before = process.cpuUsage();
  await asker.ask(requestFor(COUNT, { max_concurrency: 1 }));
  const { facts } = await asker.outcome();
  const { user, system } = process.cpuUsage(before);
  const computedMs = (user + system) / 1_000 / COUNT;
  const wallMs = ((facts as { duration_seconds: number }).duration_seconds * 1_000) / COUNT;
  console.log(`per candidate ${wallMs.toFixed(1)} ms, of them computed here ${computedMs.toFixed(1)} ms`);
  expect(computedMs).toBeLessThan(LIMIT_MS);
});
