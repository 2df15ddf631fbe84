import fc from "fast-check";
import { loadContracts } from "@kloros/bus";
import { expect, it } from "vitest";
import { advisoryOf } from "../../src/promotions/advisory.ts";
import type { Survey, Unacknowledged } from "../../src/promotions/promotion-entry.ts";

const survey = (unacknowledged: readonly Unacknowledged[], changes: Partial<Survey> = {}): Survey => ({
  files: unacknowledged.length,
  unacknowledged,
  refused: [],
  unfinished: 0,
  unexamined: 0,
  forgottenAcknowledgements: 0,
  digest: "1",
  ...changes,
});
const promotion = (n: number, topic: string | null = null): Unacknowledged => ({
  name: `${n}.json`,
  key: `sha256:${n}`,
  topic,
  promotedMs: n,
});
const advise = (input: Survey, from = 0, nowMs = 0) =>
  advisoryOf({
    survey: input,
    from,
    isReminder: false,
    nowMs,
    lastDreamTime: null,
    promotionsPath: "/kloros/dream_lab/promotions",
  });

it("groups promotions by topic, each oldest first, with the keys of their contents", () => {
  const all = [promotion(1, "zlib"), promotion(2), promotion(3, "zlib")];
  const { facts, next } = advise(survey(all, { files: 5 }), 0, 12 * 3_600_000 + 1);
  expect(facts).toEqual({
    promotion_count: 5,
    unacknowledged_count: 3,
    oldest_promotion_age_hours: 12,
    last_dream_time: null,
    promotions_path: "/kloros/dream_lab/promotions",
    promotions: ["1.json", "2.json", "3.json"],
    groups: [
      { topic: "zlib", promotions: ["1.json", "3.json"], keys: ["sha256:1", "sha256:3"] },
      { topic: null, promotions: ["2.json"], keys: ["sha256:2"] },
    ],
    refused_count: 0,
    is_reminder: false,
  });
  expect(next).toBe(0);
});

it("has no age without promotions, and none below zero for those from the future", () => {
  expect(advise(survey([])).facts).toMatchObject({
    oldest_promotion_age_hours: null,
    promotions: [],
    groups: [],
  });
  expect(advise(survey([promotion(5)]), 0, 1).facts.oldest_promotion_age_hours).toBe(0);
});

it("names at most 1,000 of at most 100 topics, with true counts; in turn every promotion is named", () => {
  const contracts = loadContracts();
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3_500 }), fc.integer({ min: 1, max: 250 }), (count, topics) => {
      const input = survey(Array.from({ length: count }, (_, n) => promotion(n, `t${n % topics}`)));
      const named = new Set<string>();
      let from = 0;
      for (let round = 0; round < 50; round++) {
        const { facts, next } = advise(input, from);
        expect(facts.unacknowledged_count).toBe(count);
        expect(facts.promotions?.length).toBeLessThanOrEqual(1_000);
        expect(facts.groups?.length).toBeLessThanOrEqual(100);
        expect(facts.groups?.flatMap(({ promotions }) => promotions).sort()).toEqual(
          facts.promotions?.toSorted(),
        );
        if (round === 0) expect(contracts.problemsOut("Q_PROMOTIONS_DETECTED", facts)).toEqual([]);
        for (const name of facts.promotions ?? []) named.add(name);
        from = next;
        if (from === 0) break;
      }
      expect(named.size).toBe(count);
    }),
    { numRuns: 30 },
  );
});

it("a place beyond the end, because promotions went, is the beginning", () => {
  expect(advise(survey([promotion(1)]), 700).facts.promotions).toEqual(["1.json"]);
});
