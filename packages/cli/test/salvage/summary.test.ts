import { expect, test } from "vitest";
import { drawNextSteps, drawSummary } from "../../src/salvage/draw-summary.ts";
import { SalvageCount } from "../../src/salvage/summary.ts";

const place = { daemon: "left", journal: "/my home/journal/left", file: "/tmp/left.ndjson" };

function counted(seqs: readonly number[]): SalvageCount {
  const count = new SalvageCount();
  for (const seq of seqs) count.add({ signal: seq % 2 === 0 ? "Q_EVEN_SEEN" : "Q_ODD_SEEN", seq });
  return count;
}

test("counts are by signal, and what is missing between them is named as ranges", () => {
  const summary = counted([3, 4, 5, 8, 8, 10, 21]).summary(place);
  expect(summary).toEqual({
    ...place,
    signals: 7,
    by_signal: { Q_EVEN_SEEN: 4, Q_ODD_SEEN: 3 },
    first_seq: 3,
    last_seq: 21,
    missing_signals: 13,
    missing_ranges: 3,
    missing: [
      { first: 6, last: 7 },
      { first: 9, last: 9 },
      { first: 11, last: 20 },
    ],
  });
  expect(drawSummary(summary)).toEqual([
    "7 signals salvaged from /my home/journal/left, seq 3 to 21, written to /tmp/left.ndjson",
    "  Q_EVEN_SEEN  4",
    "  Q_ODD_SEEN   3",
    "missing between them: 13 signals in 3 ranges: seq 6-7, 9, 11-20",
    "before seq 3: nothing; retention removed it, or it is destroyed",
    "after seq 21: nobody can tell whether there was more",
  ]);
});

test("however many ranges are missing, the list stays short and the totals stay right", () => {
  const summary = counted(Array.from({ length: 5_000 }, (_, index) => 1 + 3 * index)).summary(place);
  expect([summary.missing.length, summary.missing_ranges, summary.missing_signals]).toEqual([
    1_000, 4_999, 9_998,
  ]);
  expect(drawSummary(summary).join("\n")).toMatch(
    /9998 signals in 4999 ranges: seq 2-3, .*, 29-30 and 4989 more \(--json\)/u,
  );
});

test("the next steps are commands that a shell takes as they stand, and end with a look at the file", () => {
  const steps = drawNextSteps(counted([1]).summary(place), "/my home").join("\n");
  expect(steps).toContain("kloros stop left --home '/my home'");
  expect(steps).toContain("mv '/my home/journal/left' '/my home/damaged-left'");
  expect(steps).toContain("kloros start left --home '/my home'");
  expect(steps).toMatch(/jq .* \/tmp\/left\.ndjson$/u);
});
