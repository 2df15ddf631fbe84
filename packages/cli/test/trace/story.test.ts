import fc from "fast-check";
import { expect, test } from "vitest";
import { paintFor } from "../../src/program/paint.ts";
import { drawStory, summarizeStory } from "../../src/trace/draw-story.ts";
import { tellStory } from "../../src/trace/story.ts";
import { at, envelope } from "../envelopes.ts";

const plain = paintFor({ isTTY: false });

const story = [
  envelope("d", { causation_id: "b", timestamp: at(150), source: "c_daemon" }),
  envelope("a", { timestamp: at(0) }),
  envelope("c", { causation_id: "a", timestamp: at(300), source: "b_daemon" }),
  envelope("b", { causation_id: "a", timestamp: at(100), source: "b_daemon" }),
];

test("signals come in causal order with depth and the time since their cause", () => {
  const rows = tellStory({ envelopes: story });
  expect(rows.map(({ id, depth, latency_ms }) => [id, depth, latency_ms])).toEqual([
    ["a", 0, 0],
    ["b", 1, 100],
    ["d", 2, 50],
    ["c", 1, 300],
  ]);
});

test("the tree shows branches, latencies, dead letters and who has not finished", () => {
  const failed = {
    id: "dl",
    daemon: "x_daemon",
    error: "no \u001b[31msuch file",
    timestamp: at(400),
    attempts: 3,
  };
  const rows = tellStory({
    envelopes: story,
    deadLetters: new Map([["d", [failed]]]),
    pendingOf: ({ id }) => (id === "c" ? ["y_daemon"] : []),
  });
  const text = drawStory(rows, plain, 200).join("\n");
  expect(text).toMatch(/├─ Q_TEST_DONE .*b_daemon.*\n.*│ {2}└─ Q_TEST_DONE/u);
  expect(text).toMatch(/\+300ms {2}└─ Q_TEST_DONE/u);
  expect(text).toContain("x_daemon failed after 3 attempts: no \\x1b[31msuch file (dead letter dl)");
  expect(text).toContain("not finished yet by y_daemon");
  expect(summarizeStory(rows, plain)).toBe("story story  2026-01-01 · 4 signals from 3 daemons in 300ms");
});

test("a signal whose cause is pruned begins a branch of its own", () => {
  const rows = tellStory({ envelopes: [envelope("b", { causation_id: "gone" })] });
  expect(rows.map(({ depth }) => depth)).toEqual([0]);
});

test("every signal is told exactly once and after its cause, whatever the causes", () => {
  const ids = fc.uniqueArray(fc.integer({ min: 0, max: 30 }).map(String), { minLength: 1, maxLength: 20 });
  const causes = fc.array(fc.option(fc.nat(25)), { minLength: 20, maxLength: 20 });
  fc.assert(
    fc.property(ids, causes, (names, links) => {
      const envelopes = names.map((id, index) => {
        const link = links[index] ?? null;
        const cause = link === null || link >= index ? null : (names[link] ?? null);
        return envelope(id, { causation_id: cause, timestamp: at(index) });
      });
      const rows = tellStory({ envelopes });
      expect(rows.map(({ id }) => id).sort()).toEqual([...names].sort());
      rows.forEach((row, index) => {
        const cause = rows.findIndex(({ id }) => id === row.causation_id);
        if (row.causation_id !== null) expect(cause).toBeLessThan(index);
      });
    }),
  );
});
