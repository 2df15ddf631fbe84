import fc from "fast-check";
import { expect, test } from "vitest";
import { LineSplitter } from "../../src/supervisor/line-splitter.ts";

function split(chunks: readonly Buffer[], maxBytes?: number): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line), maxBytes);
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return lines;
}

test("lines are the same however their bytes are cut into chunks", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), fc.integer({ min: 1, max: 9 }), (texts, size) => {
      const wanted = texts
        .join("\n")
        .split("\n")
        .filter((line) => line.trim() !== "");
      const bytes = Buffer.from(wanted.join("\n"));
      const chunks: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
      expect(split(chunks)).toEqual(wanted);
    }),
  );
});

test("a line beyond the limit is cut, and the next one is whole", () => {
  expect(split([Buffer.from("aaaa"), Buffer.from("aaaaaaaa"), Buffer.from("aa\nbb\n")], 10)).toEqual([
    "aaaaaaaaaa …[cut]",
    "bb",
  ]);
});
