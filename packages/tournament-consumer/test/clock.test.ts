/** P10: the wall clock may be set while a tournament runs, or between two lives of the daemon; its time stays what it was. */
import fc from "fast-check";
import { afterEach, expect, it, vi } from "vitest";
import { storeDeadline, untilMs } from "../src/jobs/deadline.ts";
import {
  candidates,
  experimentWith,
  homeWith,
  openAsker,
  requestFor,
  resultsIn,
  startConsumer,
  startsIn,
  until,
} from "./lab.ts";

const HOUR_MS = 3_600_000;

afterEach(() => void vi.restoreAllMocks());

function setClock(byMs: number): void {
  const { now } = Date;
  vi.spyOn(Date, "now").mockImplementation(() => now() + byMs);
}

it.each([
  ["back", -HOUR_MS],
  ["forward", HOUR_MS],
])("a clock that is set %s an hour changes nothing, also across a restart", async (_way, byMs) => {
  const home = await homeWith(experimentWith(), candidates([{}, { mode: "hang" }, {}]));
  const asker = await openAsker(home);
  const first = await startConsumer(home);
  const askedMs = performance.now();
  await asker.ask(
    requestFor(3, { deadline_at: new Date(Date.now() + 3_000).toISOString(), max_concurrency: 1 }),
  );
  await until("the second start", async () => (await startsIn(home)).length === 2);
  setClock(byMs);
  await first.stop();
  await startConsumer(home);
  expect((await asker.outcome()).facts).toMatchObject({ winner_id: "c00001", candidates_failed: 2 });
  const passedMs = performance.now() - askedMs;
  expect(passedMs).toBeGreaterThan(2_500);
  expect(passedMs).toBeLessThan(10_000);
  expect((await resultsIn(home)).map(({ error }) => error?.type ?? "ok")).toEqual([
    "ok",
    "OutOfTime",
    "OutOfTime",
  ]);
  expect(await startsIn(home)).toHaveLength(3);
});

it("however the clock is set before and after, and whether the machine was started anew, nobody gets more time than was meant", () => {
  const span = fc.integer({ min: -2 * HOUR_MS, max: 2 * HOUR_MS });
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: HOUR_MS }),
      span,
      span,
      fc.boolean(),
      (meantMs, before, after, isSameBoot) => {
        const askedMs = Date.UTC(2025, 10, 15);
        const at = (ms: number) => new Date(ms).toISOString();
        const now = { boot_id: "one", monotonicMs: 5_000, wallMs: askedMs + before };
        const stored = storeDeadline(at(askedMs + meantMs), at(askedMs), now);
        const later = {
          boot_id: isSameBoot ? "one" : "two",
          monotonicMs: isSameBoot ? 6_000 : 10,
          wallMs: now.wallMs + after,
        };
        expect(untilMs(stored, now)).toBeLessThanOrEqual(meantMs);
        expect(untilMs(stored, later)).toBeLessThanOrEqual(meantMs);
        if (isSameBoot) expect(untilMs(stored, later)).toBe(untilMs(stored, now) - 1_000);
      },
    ),
  );
});
