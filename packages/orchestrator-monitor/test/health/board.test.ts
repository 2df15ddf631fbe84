/** What changes, and what is told of it. */
import { describe, expect, it } from "vitest";
import { loadContracts } from "@kloros/bus";
import { settings } from "../../src/config.ts";
import { alertOf } from "../../src/health/alert.ts";
import { Board, type KeptLevel } from "../../src/health/board.ts";
import type { Reading } from "../../src/health/daemon-track.ts";
import { readThresholds } from "../../src/health/thresholds.ts";

const NO_ONE = new Map<string, string>();
const AT = "2025-11-15T10:30:00.000Z";
const contracts = loadContracts();

/** A board in the test's hand: what it tells, and what it would keep. */
class Lab {
  readonly kept = new Map<string, KeptLevel>();
  board: Board;
  ms = 0;

  constructor() {
    this.board = this.restart();
  }

  restart(): Board {
    const thresholds = readThresholds(settings.defaults());
    return (this.board = new Board(thresholds, 30_000, [...this.kept.values()]));
  }

  see(readings: readonly Reading[], off = NO_ONE): string[] {
    this.ms += 15_000;
    const { rows, changes } = this.board.judge(readings, off, this.ms, AT);
    this.board.took(rows);
    return changes.map((change) => {
      const { row } = change;
      this.kept.delete(row.subject);
      if (row.level !== "ok") this.kept.set(row.subject, row);
      const facts = alertOf(change, new Map([["intent_router", "intent-router"]]));
      expect(contracts.problemsOut("Q_HEALTH_ALERT", facts)).toEqual([]);
      return `${facts.severity} ${facts.alert_type} ${facts.metric_value} of ${facts.threshold}: ${facts.recommended_action}`;
    });
  }
}

const letters = (value: number): Reading[] => [
  { check: "dead_letters", subject: "mesh", value, exact: true },
];
const silence = (value: number, exact = false): Reading[] => [
  { check: "heartbeat", subject: "intent_router", value, exact },
];

describe("dead letters", () => {
  it("are told at ten and at a hundred, once each, and when it is over", () => {
    const lab = new Lab();
    const told = [0, 9, 10, 11, 9, 6, 10, 99, 100, 130, 60, 50, 20, 5, 0, 9].flatMap((count) =>
      lab.see(letters(count)),
    );
    expect(told).toEqual([
      "warning dead_letters 10 letters of 10 letters: chem-bus dead list --group",
      "critical dead_letters 100 letters of 100 letters: chem-bus dead list --group",
      "warning dead_letters 50 letters of 50 letters: chem-bus dead list --group",
      "info dead_letters 5 letters of 5 letters: none",
    ]);
  });
});

describe("a restart of the monitor", () => {
  it("neither repeats an alert nor forgets one", () => {
    const lab = new Lab();
    expect(lab.see(letters(12))).toHaveLength(1);
    lab.restart();
    expect(lab.board.rows).toMatchObject([{ check: "dead_letters", level: "warning", since: AT }]);
    expect(lab.see(letters(12))).toEqual([]);
    lab.restart();
    expect(lab.see(letters(3))).toEqual(["info dead_letters 3 letters of 5 letters: none"]);
    lab.restart();
    expect(lab.see(letters(3))).toEqual([]);
  });

  it("does not end what it cannot know to be over", () => {
    const lab = new Lab();
    expect(lab.see(silence(120_000))).toEqual([
      "critical daemon_unresponsive 2 min of 2m: restart_intent_router",
    ]);
    lab.restart();
    expect(lab.see(silence(0))).toEqual([]);
    expect(lab.see(silence(15_000))).toEqual([]);
    expect(lab.see(silence(0, true))).toEqual(["info daemon_unresponsive 0 ms of 20s: none"]);
  });
});

it("what was wrong with a daemon is over when somebody stops it, and its rows are gone", () => {
  const lab = new Lab();
  lab.see(silence(50_000));
  expect(lab.see([], new Map([["intent_router", "stopped"]]))).toEqual([
    "info daemon_unresponsive stopped of 20s: none",
  ]);
  expect(lab.board.rows).toEqual([]);
});

it("what could not be kept is told at the next look", () => {
  const lab = new Lab();
  const first = lab.board.judge(letters(10), NO_ONE, 0, AT);
  expect(first.changes).toHaveLength(1); // Not taken: its commit failed.
  expect(lab.see(letters(10))).toHaveLength(1);
});
