/** A daemon's durable state as transactions see it. */
import { describe, expect, it } from "vitest";
import { StateStore } from "../../src/node/state-store.ts";
import { openJournal, putState, tempJournalPath } from "../journal/fill-journal.ts";

const NONE: ReadonlySet<string> = new Set();

describe("the state store", () => {
  it("remembers who changed what only as long as somebody who could conflict is still at work", async () => {
    const journal = openJournal(tempJournalPath());
    const store = new StateStore(journal);
    let reader = store.openReader();
    for (let n = 0; n < 5_000; n++) {
      // There is always somebody at work: the next one begins before the last one ends.
      const next = store.openReader();
      const writes = new Map([[`key ${String(n)}`, "1"]]);
      store.settle(writes, store.lay(writes));
      expect(store.changedSince(next, new Set([`key ${String(n)}`]), [])).toBe(true);
      expect(store.changedSince(next, new Set(["another"]), ["key "])).toBe(true);
      store.closeReader(reader);
      reader = next;
    }
    expect(store.rememberedChanges).toBeLessThan(10);
    store.closeReader(reader);
    expect(store.rememberedChanges).toBe(0);
    await journal.close();
  });

  it("tells a reader of a change that came after it began, and of no other, whoever ends first", async () => {
    const journal = openJournal(tempJournalPath());
    const store = new StateStore(journal);
    const change = (key: string) => store.lay(new Map([[key, "1"]]));
    const first = store.openReader();
    change("a");
    const second = store.openReader();
    change("b");
    expect(store.changedSince(first, new Set(["a"]), [])).toBe(true);
    expect(store.changedSince(second, new Set(["a"]), [])).toBe(false);
    expect(store.changedSince(second, NONE, ["b"])).toBe(true);
    store.closeReader(second);
    expect(store.changedSince(first, new Set(["a"]), [])).toBe(true);
    expect(store.changedSince(first, new Set(["b"]), [])).toBe(true);
    store.closeReader(first);
    await journal.close();
  });

  it("lists what is on disk with what is on its way there, in key order and within the limit", async () => {
    const journal = openJournal(tempJournalPath());
    await putState(journal, Object.fromEntries(["p/a", "p/c", "p/e", "q/a"].map((key) => [key, "1"])));
    const store = new StateStore(journal);
    store.lay(
      new Map([
        ["p/a", undefined],
        ["p/b", "2"],
        ["q/b", "2"],
      ]),
    );
    const own = new Map([
      ["p/d", "3"],
      ["p/c", undefined],
    ]);
    expect(store.list("p/")).toEqual([
      { key: "p/b", value: 2 },
      { key: "p/c", value: 1 },
      { key: "p/e", value: 1 },
    ]);
    expect(store.listWith("p/", 2, own)).toEqual([
      { key: "p/b", value: 2 },
      { key: "p/d", value: 3 },
    ]);
    store.reset();
    expect(store.list("p/", 2)).toEqual([
      { key: "p/a", value: 1 },
      { key: "p/c", value: 1 },
    ]);
    await journal.close();
  });
});
