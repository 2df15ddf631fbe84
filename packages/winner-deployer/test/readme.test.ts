import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { FAILURES } from "../src/decide.ts";

it("the README's table of failures says what the code does", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const rows = [...readme.matchAll(/^\| `(\w+)` \| (true|false) \|/gm)];
  expect(Object.fromEntries(rows.map(([, type, retry]) => [type, retry === "true"]))).toEqual(FAILURES);
});
