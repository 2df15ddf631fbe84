import type { StateReader, Tx } from "@kloros/bus";
import { expect, test } from "vitest";
import { recordStart } from "../../src/lifecycle/start-record.ts";

const HOUR = 3_600_000;

/** State that outlives its node, as a journal's does. */
function journal() {
  const kept = new Map<string, unknown>();
  const tx = { state: { put: (key: string, value: unknown) => void kept.set(key, value) } } as unknown as Tx;
  const node = {
    state: { get: (key: string) => kept.get(key) } as StateReader,
    transact: async <T>(body: (tx: Tx) => T) => body(tx),
  };
  return { node, tx };
}

test("the first start is told as such; one after an orderly end is clean, one after a kill is not", async () => {
  const { node, tx } = journal();
  const first = await recordStart(node, 100 * HOUR);
  expect(first.starts(100 * HOUR)).toEqual({ count_24h: 1, unclean_24h: 0, last_end: "first" });
  first.end(tx);
  const second = await recordStart(node, 101 * HOUR);
  expect(second.starts(101 * HOUR)).toEqual({ count_24h: 2, unclean_24h: 0, last_end: "clean" });
  const third = await recordStart(node, 101 * HOUR);
  expect(third.starts(101 * HOUR)).toEqual({ count_24h: 3, unclean_24h: 1, last_end: "unclean" });
});

test("what is older than a day is forgotten, also while the daemon runs; what a clock set back leaves in the future, too", async () => {
  const { node } = journal();
  await recordStart(node, 100 * HOUR);
  const late = await recordStart(node, 123 * HOUR);
  expect(late.starts(123 * HOUR).count_24h).toBe(2);
  expect(late.starts(124 * HOUR).count_24h).toBe(1);
  const setBack = await recordStart(node, 50 * HOUR);
  expect(setBack.starts(50 * HOUR).count_24h).toBe(1);
});

test("a full disk keeps no daemon from starting; any other failure of the journal does", async () => {
  const { node } = journal();
  const failing = (code: string) => ({
    ...node,
    transact: async () => Promise.reject(Object.assign(new Error("no"), { code })),
  });
  const record = await recordStart(failing("E_DISK_FULL"), HOUR);
  expect(record.starts(HOUR).count_24h).toBe(1);
  await expect(recordStart(failing("E_JOURNAL_WRITE"), HOUR)).rejects.toThrow("no");
});
