import { appendFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { RecordLog, type RecordLogOptions, type RecordsPosition } from "../../src/records/record-log.ts";
import { tempTree } from "../temp-tree.ts";

const OPTIONS = { maxBytes: 1e9, kept: 2 };

function line(id: string, padding = 0): string {
  return JSON.stringify({ investigation_id: id, padding: "x".repeat(padding) });
}

async function openLog(
  path: string,
  from: RecordsPosition | undefined,
  options: RecordLogOptions,
): Promise<RecordLog> {
  const log = await RecordLog.open(path, from, options);
  onTestFinished(() => log.close());
  return log;
}

async function pathOf(): Promise<string> {
  return join(await tempTree({}), "curiosity_investigations.jsonl");
}

async function idsIn(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((each) => (JSON.parse(each) as { investigation_id: string }).investigation_id);
}

describe("the file of records", () => {
  it("finds a record that was appended and not committed, and forgets those that were", async () => {
    const path = await pathOf();
    const log = await openLog(path, undefined, OPTIONS);
    await log.append("inv_a", line("inv_a"));
    const committed = log.positionAfter("inv_a");
    log.settle("inv_a");
    await log.append("inv_b", line("inv_b"));
    const again = await openLog(path, committed, OPTIONS); // As after kill -9 before the commit of b.
    expect(await again.find("inv_a")).toBeUndefined();
    expect(await again.find("inv_b")).toMatchObject({ investigation_id: "inv_b" });
    again.settle("inv_b");
    expect(await again.find("inv_b")).toBeUndefined();
  });

  it("never passes a record whose signal is not committed, in whatever order they end", async () => {
    const path = await pathOf();
    const log = await openLog(path, undefined, OPTIONS);
    const ids = Array.from({ length: 50 }, (_, index) => `inv_${index}`);
    const positions = await Promise.all(
      ids.map(async (id) => {
        await log.append(id, line(id));
        return log.positionAfter(id);
      }),
    );
    for (const [index, position] of positions.entries()) {
      const again = await openLog(path, position, OPTIONS);
      for (const other of ids.filter((_, at) => at !== index))
        expect(await again.find(other), `${index} → ${other}`).toBeDefined();
    }
    for (const id of ids.slice(1)) log.settle(id);
    expect(log.positionAfter("inv_7").offset).toBe(0);
    log.settle("inv_0");
    expect(log.positionAfter("inv_7").offset).toBeGreaterThan(50);
  });

  it("ends a torn last line, which readers skip, before it appends", async () => {
    const path = await pathOf();
    await writeFile(path, `${line("inv_a")}\n{"investigation_id":"inv_torn","que`);
    const log = await openLog(path, undefined, OPTIONS);
    expect(await log.find("inv_torn")).toBeUndefined();
    await log.append("inv_b", line("inv_b"));
    expect((await readFile(path, "utf8")).split("\n")).toEqual([
      line("inv_a"),
      '{"investigation_id":"inv_torn","que',
      line("inv_b"),
      "",
    ]);
    const again = await openLog(path, undefined, OPTIONS);
    expect(await again.find("inv_a")).toBeDefined();
    expect(await again.find("inv_b")).toBeDefined();
  });

  it("rotates by size, loses nothing under load, and keeps only so many files", async () => {
    const path = await pathOf();
    let tick = 0;
    const options = { maxBytes: 7_000, kept: 2, now: () => new Date(1_700_000_000_000 + tick++) };
    const log = await openLog(path, undefined, options);
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => log.append(`inv_${index}`, line(`inv_${index}`, 100))),
    );
    for (let index = 40; index < 120; index++) await log.append(`inv_${index}`, line(`inv_${index}`, 100));
    expect(log.rotations).toBe(2);
    const files = (await readdir(join(path, ".."))).map((name) => join(path, "..", name)).sort();
    const ids = await Promise.all(files.map(idsIn));
    expect(ids.flat().sort()).toEqual(Array.from({ length: 120 }, (_, index) => `inv_${index}`).sort());
    for (let index = 120; index < 300; index++) await log.append(`inv_${index}`, line(`inv_${index}`, 100));
    expect((await readdir(join(path, ".."))).length).toBe(3);
  });

  it("finds an uncommitted record also when it was rotated away", async () => {
    const path = await pathOf();
    const log = await openLog(path, undefined, { maxBytes: 1, kept: 2 });
    await log.append("inv_a", line("inv_a"));
    const position = log.positionAfter("inv_nobody"); // Nothing is committed yet.
    await log.append("inv_b", line("inv_b"));
    expect(log.rotations).toBe(1);
    expect(await log.find("inv_a")).toBeDefined();
    const again = await openLog(path, position, OPTIONS);
    expect(await again.find("inv_a")).toBeDefined();
    expect(await again.find("inv_b")).toBeDefined();
  });

  it("goes on when somebody removes, empties or replaces the file", async () => {
    const path = await pathOf();
    const log = await openLog(path, undefined, { maxBytes: 200, kept: 2 });
    await log.append("inv_a", line("inv_a", 300));
    await rm(path);
    await log.append("inv_b", line("inv_b"));
    expect(await log.find("inv_a")).toBeUndefined();
    await writeFile(path, "");
    await log.append("inv_c", line("inv_c"));
    expect(await idsIn(path)).toEqual(["inv_c"]);
    const position: RecordsPosition = { ino: 1, offset: 1e6 };
    expect(await (await openLog(path, position, OPTIONS)).find("inv_c")).toBeDefined();
  });

  it("skips lines that are no records", async () => {
    const path = await pathOf();
    await writeFile(path, 'null\n42\n"x"\n[]\nnonsense\n\n{"investigation_id":7}\n');
    await appendFile(path, `${line("inv_a")}\n`);
    const log = await openLog(path, undefined, OPTIONS);
    expect(await log.find("inv_a")).toBeDefined();
  });
});
