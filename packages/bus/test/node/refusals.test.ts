/** Refused connections: counted one by one, told a few times, one alert to a flood. */
import { expect, test } from "vitest";
import { Refusals } from "../../src/node/refusals.ts";
import type { Refusal } from "../../src/transport/transport.ts";

const REFUSAL: Refusal = { reason: "unknown_key", address: "10.0.0.2", key: "aaaa", name: null };

function refusals() {
  let nowMs = 1_000;
  const lines: string[] = [];
  const floods: number[] = [];
  const note = (fields: object, message: string) => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  const log = { debug: note, info: note, warn: note, error: note };
  const watch = new Refusals({
    log,
    elapsedMs: () => nowMs,
    onFlood: (_last, count) => void floods.push(count),
  });
  return {
    watch,
    lines,
    floods,
    pass: (ms: number) => {
      nowMs += ms;
      watch.onTick();
    },
    refuse: (count: number, refusal = REFUSAL) => {
      for (let n = 0; n < count; n++) watch.note(refusal);
    },
  };
}

test("each kind is logged once a minute, the rest is summed up", () => {
  const { watch, lines, refuse, pass } = refusals();
  refuse(5);
  refuse(2, { ...REFUSAL, reason: "no_key", key: null, address: null });
  expect(lines).toEqual([
    'A connection was refused {"reason":"unknown_key","address":"10.0.0.2","key":"aaaa"}',
    'A connection was refused {"reason":"no_key","address":"unknown","key":"no key"}',
  ]);
  pass(60_000);
  expect(lines.at(-1)).toBe('More connections were refused in the last minute {"count":5}');
  refuse(1);
  expect(lines).toHaveLength(4);
  expect(watch.count).toBe(8);
});

test("whoever changes keys with each try does not fill the log", () => {
  const { lines, refuse } = refusals();
  for (let n = 0; n < 100; n++) refuse(1, { ...REFUSAL, key: String(n) });
  expect(lines.length).toBeLessThanOrEqual(10);
});

test("a flood is one alert however long it lasts; another one after a quiet minute is another alert", () => {
  const { floods, refuse, pass } = refusals();
  refuse(19);
  expect(floods).toEqual([]);
  for (let minute = 0; minute < 5; minute++) {
    refuse(100);
    pass(60_000);
  }
  expect(floods).toEqual([20]);
  pass(60_000);
  pass(60_000);
  refuse(30);
  expect(floods).toEqual([20, 20]);
});
