/** Positions against a live stream that loses and repeats, with looks into the journal at any time. */
import type { Envelope } from "@kloros/bus";
import fc from "fast-check";
import { expect, test } from "vitest";
import { mergeByTime } from "../../src/listen/merge-by-time.ts";
import { Positions } from "../../src/listen/positions.ts";
import { at, envelope } from "../envelopes.ts";

const NAMES = ["Q_A_X", "Q_B_X", "Q_C_X"] as const;

function journalOf(names: readonly (typeof NAMES)[number][]): Envelope[] {
  const last = new Map<string, number>();
  return names.map((signal, index) => {
    const seq = index + 1;
    const prev = last.get(signal) ?? 0;
    last.set(signal, seq);
    return envelope(String(seq), { signal, seq, prev });
  });
}

/** What `ListenedJournals` does with them, over an array instead of a journal. */
function look(positions: Positions, journal: readonly Envelope[], told: Envelope[]): void {
  const newest = new Map(journal.map(({ signal, seq }) => [signal, seq]));
  if (positions.isBehind("intent_router", newest)) {
    for (const each of journal.slice(positions.baseOf("intent_router"))) {
      if (positions.judge(each) === "known") continue;
      positions.tell(each);
      told.push(each);
    }
  }
  positions.settle("intent_router", journal.length);
}

test("each signal from the start on is told once, in order by name, whatever the live stream loses or repeats", () => {
  const names = fc.array(fc.constantFrom(...NAMES), { maxLength: 60 });
  const fates = fc.array(fc.constantFrom("live", "live", "lost", "twice", "look"), {
    minLength: 60,
    maxLength: 60,
  });
  fc.assert(
    fc.property(names, fates, fc.nat(20), (sequence, luck, start) => {
      const journal = journalOf(sequence);
      const positions = new Positions();
      positions.startAfter("intent_router", "e1", Math.min(start, journal.length));
      const told: Envelope[] = [];
      for (const [index, each] of journal.entries()) {
        const fate = luck[index];
        if (fate === "look") look(positions, journal.slice(0, index + 1), told);
        if (fate === "lost") continue;
        for (let copy = 0; copy < (fate === "twice" ? 2 : 1); copy++) {
          if (positions.judge(each) === "gap") look(positions, journal.slice(0, index + 1), told);
          if (positions.judge(each) === "known") continue;
          positions.tell(each);
          told.push(each);
        }
      }
      look(positions, journal, told);
      for (const name of NAMES) {
        const wanted = journal
          .filter(({ signal, seq }) => signal === name && seq > start)
          .map(({ seq }) => seq);
        expect(told.filter(({ signal }) => signal === name).map(({ seq }) => seq)).toEqual(wanted);
      }
    }),
    { numRuns: 500 },
  );
});

test("volatile signals are told as they come", () => {
  const positions = new Positions();
  const volatile = envelope("v", { seq: 0 });
  positions.tell(volatile);
  expect(positions.judge(volatile)).toBe("new");
});

test("a journal of a new epoch is looked into first", () => {
  const positions = new Positions();
  positions.startAfter("intent_router", "e1", 50);
  expect(positions.judge(envelope("n", { epoch: "e2", seq: 3 }))).toBe("gap");
});

test("streams are merged by time, each in its own order", () => {
  const stream = (...times: number[]): Envelope[] =>
    times.map((ms) => envelope(String(ms), { timestamp: at(ms) }));
  const merged = [...mergeByTime([stream(1, 5, 9), [], stream(2, 3), stream(4)])];
  expect(merged.map(({ id }) => Number(id))).toEqual([1, 2, 3, 4, 5, 9]);
});
