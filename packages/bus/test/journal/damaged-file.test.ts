/** A journal whose file was cut, zeroed or scribbled on: said in words, never a crash; what can be saved is saved. */
import {
  cpSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
  closeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { fileProblem } from "../../src/journal/lmdb-file.ts";
import { salvageJournal } from "../../src/journal/salvage.ts";
import { seededRandom } from "../../src/testing/index.ts";
import { fill, flipByte, openJournal, putState, tempJournalPath } from "./fill-journal.ts";

const SEED = 7;

describe("a truncated journal", () => {
  it("is refused at open with what to do, whatever its length, for it would kill the process later", async () => {
    const path = tempJournalPath();
    const journal = openJournal(path);
    await fill(journal, 60, 5, 1_500);
    await journal.close();
    const { size } = statSync(join(path, "data.mdb"));
    for (const length of [1, 100, 4_095, 4_096, 8_191, 8_192, 20_000, size >> 1]) {
      const copy = join(dirname(path), `cut-at-${String(length)}`);
      cpSync(path, copy, { recursive: true });
      truncateSync(join(copy, "data.mdb"), length);
      expect(() => openJournal(copy)).toThrow(
        /cut-at-\d+: data\.mdb is .*(truncated|no journal).*; .*chem-bus salvage cut-at-\d+/,
      );
      expect(() => openJournal(copy)).toThrow(expect.objectContaining({ code: "E_JOURNAL_OPEN" }) as Error);
    }
  });

  it("that is something else altogether is refused, and an empty file is a journal that was never begun", () => {
    const path = tempJournalPath();
    mkdirSync(path);
    writeFileSync(join(path, "data.mdb"), "this is my shopping list\n".repeat(2_000));
    expect(() => openJournal(path)).toThrow(/no journal/);
    writeFileSync(join(path, "data.mdb"), "");
    expect(openJournal(path).heads.last).toBe(0);
  });

  it("is never seen where there is none: after many commits, deletions and reopenings, also in a file shorter than its last page", async () => {
    const path = tempJournalPath();
    const random = seededRandom(SEED);
    let shorter = 0;
    for (let round = 0; round < 40; round++) {
      const journal = openJournal(path);
      await fill(
        journal,
        1 + Math.floor(random() * 6),
        1 + Math.floor(random() * 20),
        Math.floor(random() * 3_000),
      );
      const entries = Array.from({ length: 40 }, () => [
        `key ${String(Math.floor(random() * 200))}`,
        random() < 0.5 ? undefined : "v".repeat(random() * 6_000),
      ]);
      await putState(journal, Object.fromEntries(entries) as Record<string, string | undefined>);
      const doomed = [...journal.headers()].slice(0, Math.floor(random() * 6)).map(({ first }) => first);
      await journal.prune({ blocks: doomed, ids: [], generatedIds: [], heads: journal.heads });
      expect(fileProblem(path)).toBeNull();
      await journal.close();
      expect(fileProblem(path)).toBeNull();
      if (hasUnusedTail(path)) shorter++;
    }
    expect(shorter).toBeGreaterThan(0);
  });

  it("gives its whole signals back as NDJSON, each once and in order", async () => {
    const path = tempJournalPath();
    const journal = openJournal(path);
    await fill(journal, 40, 5, 1_000);
    await fill(journal, 3, 1, 20);
    await journal.close();
    const data = join(path, "data.mdb");
    truncateSync(data, statSync(data).size >> 1);
    const target = join(dirname(path), "salvaged.ndjson");
    const salvaged = await salvageJournal(path, target);
    const seqs = readFileSync(target, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { seq: number }).seq);
    expect(salvaged).toEqual({ signals: seqs.length, firstSeq: seqs[0], lastSeq: seqs.at(-1) });
    expect(seqs.length).toBeGreaterThan(50);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
  });

  it("gives all signals back when nothing is missing, large ones too", async () => {
    const path = tempJournalPath();
    const journal = openJournal(path);
    await fill(journal, 10, 3, 50);
    await fill(journal, 3, 3, 900_000);
    await journal.close();
    const salvaged = await salvageJournal(path, join(dirname(path), "salvaged.ndjson"));
    expect(salvaged).toEqual({ signals: 39, firstSeq: 1, lastSeq: 39 });
  });
});

describe("a block with flipped bits", () => {
  it("is reported in its place, and the blocks before and after it are read", async () => {
    const path = tempJournalPath();
    const journal = openJournal(path);
    await fill(journal, 10, 10, 500);
    await journal.close();
    await flipByte(path, 41, 700);
    await flipByte(path, 71, 3);
    const again = openJournal(path);
    const readings = [...again.blocksFrom(1)];
    expect(readings.map(({ kind }) => kind)).toEqual(
      readings.map((_, i) => (i === 4 || i === 7 ? "corrupt" : "block")),
    );
    expect(readings[4]).toMatchObject({ kind: "corrupt", first: 41, last: 50, detail: "checksum mismatch" });
    expect(readings[7]).toMatchObject({ kind: "corrupt", first: 71, last: null, names: null });
    await again.close();
  });
});

/** Cuts off what lies behind the last page in use, if anything: the journal must still be whole. */
function hasUnusedTail(path: string): boolean {
  const data = join(path, "data.mdb");
  const { size } = statSync(data);
  const tail = readFileSync(data).subarray(size - 4_096);
  truncateSync(data, size - 4_096);
  const unused = fileProblem(path) === null;
  const file = openSync(data, "r+");
  writeSync(file, tail, 0, tail.length, size - 4_096);
  closeSync(file);
  return unused;
}
