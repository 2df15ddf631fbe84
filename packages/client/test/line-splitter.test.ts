import { LineSplitter } from "@kloros/client";
import fc from "fast-check";
import { expect, test } from "vitest";

test("lines come out whole however the bytes were cut", () => {
  const line = fc.string({ unit: "binary", maxLength: 20 }).map((text) => text.replaceAll("\n", ""));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(30)), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(""));
      const splitter = new LineSplitter(60);
      const out: string[] = [];
      let at = 0;
      for (const cut of [...cuts, bytes.length]) {
        for (const split of splitter.push(bytes.subarray(at, at + cut)))
          out.push(split.kind === "line" ? split.text : "?");
        at += cut;
      }
      expect(out).toEqual(
        lines.map((text) => Buffer.from(text).toString()).filter((text) => text.trim() !== ""),
      );
      expect(splitter.inLine).toBe(false);
    }),
  );
});
