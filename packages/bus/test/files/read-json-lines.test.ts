import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { FileError, readJsonLines, type ReadJsonLinesOptions, type SkippedLine } from "@kloros/bus";
import fc from "fast-check";
import { expect, test } from "vitest";
import { tempFolder } from "./processes.ts";

async function readAll(path: string, options: ReadJsonLinesOptions = {}) {
  const lines: { value: unknown; offset: number; end: number }[] = [];
  const skipped: SkippedLine[] = [];
  const reading = readJsonLines(path, { ...options, onSkip: (line) => skipped.push(line) });
  for (;;) {
    const next = await reading.next();
    if (next.done) return { lines, skipped, counts: next.value };
    lines.push(next.value);
  }
}

function fileOf(content: string | Buffer): string {
  const path = join(tempFolder(), "lines.jsonl");
  writeFileSync(path, content);
  return path;
}

test("garbage, bytes that are no UTF-8 and torn lines are skipped and reported, the others are read", async () => {
  const path = fileOf(
    Buffer.concat([
      Buffer.from('{"n":1}\nnot json\n\n  \r\n'),
      Buffer.from([0xff, 0xfe, 0x0a]),
      Buffer.from('[2]\n{"n":3,'),
    ]),
  );
  const { lines, skipped, counts } = await readAll(path);
  expect(lines.map((line) => line.value)).toEqual([{ n: 1 }, [2]]);
  expect(skipped.map((line) => line.reason)).toEqual(["not-json", "not-json", "torn"]);
  expect(skipped[0]).toEqual({ offset: 8, bytes: 9, reason: "not-json" });
  expect(counts).toEqual({ read: 2, skipped: 3 });
});

test("a last line without newline counts when it is certainly whole", async () => {
  expect((await readAll(fileOf('{"n":1}'))).lines).toEqual([{ value: { n: 1 }, offset: 0, end: 7 }]);
  expect((await readAll(fileOf("12"))).skipped).toEqual([{ offset: 0, bytes: 2, reason: "torn" }]);
});

test("a line longer than the limit is skipped without the next one being lost", async () => {
  const long = JSON.stringify("x".repeat(300_000));
  const { lines, skipped } = await readAll(fileOf(`1\n${long}\n2\n`), { maxLineBytes: 1000 });
  expect(lines.map((line) => line.value)).toEqual([1, 2]);
  expect(skipped).toEqual([{ offset: 2, bytes: 300_003, reason: "too-long" }]);
});

test("reading from the end of a line goes on with the next line", async () => {
  const values = fc.array(fc.oneof(fc.object({ maxDepth: 1 }), fc.array(fc.string({ unit: "binary" }))), {
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(values, async (written) => {
      const path = fileOf(written.map((value) => `${JSON.stringify(value)}\n`).join(""));
      const { lines } = await readAll(path);
      expect(lines.map((line) => JSON.stringify(line.value))).toEqual(
        written.map((value) => JSON.stringify(JSON.parse(JSON.stringify(value)))),
      );
      for (const [index, line] of lines.entries()) {
        expect((await readAll(path, { from: line.end })).lines).toEqual(lines.slice(index + 1));
      }
    }),
    { numRuns: 25 },
  );
});

test("a file that does not exist has no lines; a folder is an error", async () => {
  expect((await readAll(join(tempFolder(), "none"))).counts).toEqual({ read: 0, skipped: 0 });
  await expect(readAll(tempFolder())).rejects.toThrow(FileError);
});
