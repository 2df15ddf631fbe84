import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { sweepFolder } from "../../src/spool/retention.ts";
import { filesIn, intent, until, workbench, type Workbench } from "./harness.ts";

describe("what is remembered of routed intents", () => {
  let bench: Workbench;
  afterEach(async () => bench.close());
  const settled = async (): Promise<void> =>
    until("nothing is left to do", () => filesIn(bench.intents).length + bench.spool.counts().waiting === 0);

  it("is forgotten when its hour is over, a thousand at a time", async () => {
    let nowMs = Date.now();
    bench = await workbench({ now: () => nowMs });
    for (let count = 0; count < 1500; count++) bench.drop(`a${count}.json`, intent());
    await settled();
    nowMs += 3_600_000;
    bench.drop("later.json", intent());
    await until("only the last is remembered", () => bench.spool.counts().remembered === 1);
    expect(bench.node.state.list("routed", 10)).toHaveLength(3);
  });

  it("is bounded in number; the oldest go first", async () => {
    bench = await workbench({ settings: { maxRemembered: 20 } });
    const [oldest, newest] = [intent(), intent()];
    bench.drop("oldest.json", oldest);
    await settled();
    for (let count = 0; count < 30; count++) bench.drop(`a${count}.json`, intent());
    await settled();
    bench.drop("newest.json", newest);
    await settled();
    await until("it is pruned", () => bench.spool.counts().remembered === 20);
    for (const [name, content] of [
      ["newest.json", newest],
      ["oldest.json", oldest],
    ] as const) {
      bench.drop(name, content);
      await settled();
    }
    expect(bench.emitted).toHaveLength(33);
    expect(filesIn(join(bench.intents, "duplicate"))).toEqual(["newest.json"]);
  });

  it("does not grow by files that are gone before their turn, nor by rejected ones", async () => {
    bench = await workbench();
    for (let count = 0; count < 50; count++) bench.drop(`a${count}.json`, "[]");
    await settled();
    bench.drop("last.json", intent());
    await settled();
    await until("the records are gone", () => bench.node.state.list("rejecting:").length === 0);
  });
});

describe("the folders of rejected and duplicate files", () => {
  it("lose the oldest files beyond the number, with their reports, and the too old ones", async () => {
    const folder = mkdtempSync(join(tmpdir(), "retention-"));
    for (const name of ["a.json", "b.json", "c.json"]) {
      writeFileSync(join(folder, name), "");
      writeFileSync(join(folder, `${name}.report.json`), "");
      await new Promise((resolve) => setTimeout(resolve, 10)); // distinct change times; nothing is waited for
    }
    mkdirSync(join(folder, "d"));
    writeFileSync(join(folder, "d", "inside"), "");
    expect(await sweepFolder(folder, { maxFiles: 2, maxAgeMs: 60_000 }, Date.now())).toBe(2);
    expect(readdirSync(folder).sort()).toEqual(["c.json", "c.json.report.json", "d"]);
    expect(await sweepFolder(folder, { maxFiles: 2, maxAgeMs: 60_000 }, Date.now() + 59_000)).toBe(0);
    expect(await sweepFolder(folder, { maxFiles: 2, maxAgeMs: 60_000 }, Date.now() + 61_000)).toBe(2);
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});
