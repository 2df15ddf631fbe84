import pc from "picocolors";
import { expect, test } from "vitest";
import { drawWaits } from "../../src/waits/draw-waits.ts";
import type { WaitRow } from "../../src/waits/wait-row.ts";

const plain = pc.createColors(false);
const row: WaitRow = {
  state: "waiting",
  signal: "Q_DREAM_TRIGGER",
  id: "id-1",
  question_id: "spica\u001b[31m",
  correlation_id: "story-1",
  expected: ["Q_DREAM_COMPLETE", "Q_DREAM_FAILED"],
  on_timeout: "Q_DREAM_TIMEOUT",
  suggested_action: "restart_dream_consumer",
  attempt: 2,
  age_s: 90,
  due_in_s: 1_710,
  timeout_id: null,
  answered_by: null,
};

test("shows what is waited for, about what, and when its time is over, safe for a terminal", () => {
  const lines = drawWaits(
    [row, { ...row, state: "timed_out", due_in_s: null }, { ...row, state: "answered_late", due_in_s: null }],
    plain,
  );
  expect(lines[0]).toMatch(/^waits for +about +since +age +due in +try +story$/u);
  expect(lines[1]).toBe(
    "Q_DREAM_COMPLETE or Q_DREAM_FAILED  spica\\x1b[31m  Q_DREAM_TRIGGER  1m30s     28m30s    2  story-1",
  );
  expect(lines[2]).toContain("timed out");
  expect(lines[3]).toContain("came late");
});

test("says so when nothing is waited for", () => {
  expect(drawWaits([], plain)).toEqual(["nothing is waited for"]);
});
