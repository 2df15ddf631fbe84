import { utimesSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { Backlog } from "../../src/spool/backlog.ts";
import { deadLetters, filesIn, intent, until, workbench, type Workbench } from "./harness.ts";

let bench: Workbench;
afterEach(async () => bench?.close());

const order = (): string[] => bench.emitted.map(({ facts }) => String(facts["question_id"]));

describe("the order of routing", () => {
  it("of a backlog is by priority, then age, then name", async () => {
    bench = await workbench({ start: false });
    const rows: [string, unknown, number][] = [
      ["old-low", 1, 100],
      ["new-critical", 10, 900],
      ["old-critical", 9, 300],
      ["normal", "normal", 50],
      ["high-b", 8, 400],
      ["high-a", 7, 400],
    ];
    for (const [name, priority, mtime] of rows) {
      bench.drop(`${name}.json`, intent({ question_id: name, priority }));
      utimesSync(join(bench.intents, `${name}.json`), mtime, mtime);
    }
    await bench.spool.start();
    await until("all", () => bench.emitted.length === rows.length);
    expect(order()).toEqual(["old-critical", "new-critical", "high-a", "high-b", "normal", "old-low"]);
  });

  it("lets an urgent newcomer overtake a backlog that is being routed", async () => {
    let batches = 0;
    bench = await workbench({
      start: false,
      reached: (step) => {
        if (step === "committed" && ++batches === 1)
          bench.drop("urgent.json", intent({ question_id: "urgent", priority: 10 }));
      },
    });
    for (let count = 0; count < 2000; count++) bench.drop(`f${count}.json`, intent({ priority: 5 }));
    await bench.spool.start();
    await until("all", () => bench.emitted.length === 2001);
    expect(order().indexOf("urgent")).toBeLessThan(3 * 256);
  });

  it("is what sorting would give", () => {
    const item = fc.record({ rank: fc.nat(3), mtimeMs: fc.nat(5), name: fc.string({ maxLength: 2 }) });
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const backlog = new Backlog<(typeof items)[number]>();
        items.forEach((one) => backlog.push(one));
        const popped = Array.from(items, () => backlog.pop());
        const key = (one: (typeof items)[number] | undefined): string =>
          `${one?.rank}${one?.mtimeMs}${one?.name}`;
        expect(popped.map(key)).toEqual(items.map(key).sort());
        expect(backlog.pop()).toBeUndefined();
      }),
    );
  });
});

describe("under load", () => {
  it("a storm of 5,000 files while watching loses none and doubles none", async () => {
    bench = await workbench();
    for (let count = 0; count < 5000; count++) {
      bench.drop(`storm${count}.json`, count % 100 === 0 ? "[]" : intent());
      if (count % 250 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await until("all have left", () => filesIn(bench.intents).length === 0, 50_000);
    await until("all letters are written", () => deadLetters(bench.home).length === 50, 50_000);
    expect(bench.emitted).toHaveLength(4950);
    expect(new Set(order()).size).toBe(4950);
  });

  it("files that arrive while the first scan runs are routed once, with no scan after it", async () => {
    bench = await workbench({ start: false });
    for (let count = 0; count < 1000; count++) bench.drop(`before${count}.json`, intent());
    const started = bench.spool.start();
    for (let count = 0; count < 200; count++) {
      bench.drop(`during${count}.json`, intent());
      await new Promise((resolve) => setImmediate(resolve));
    }
    await started;
    await until("all have left", () => filesIn(bench.intents).length === 0);
    expect(new Set(order()).size).toBe(1200);
    expect(bench.emitted).toHaveLength(1200);
  });

  it("a disk without room keeps every file where it is until there is room again", async () => {
    bench = await workbench({ limits: { diskReserveBytes: 2 ** 52 } });
    bench.drop("a.json", intent());
    bench.drop("bad.json", "[]");
    await until("it is said", () => bench.spool.counts().trouble.includes("space"));
    expect(filesIn(bench.intents)).toEqual(["a.json", "bad.json"]);
    const { home } = bench;
    await bench.spool.stop();
    await bench.node.close();
    const later = await workbench({ home });
    await until("both have their fate", () => filesIn(later.intents).length === 0);
    expect(later.emitted).toHaveLength(1);
    await later.close();
  });
});
