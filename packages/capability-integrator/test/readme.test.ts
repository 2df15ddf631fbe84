import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { REFUSALS, refuse, type RefusalType } from "../src/decide.ts";

it("the README's table of refusals says what the code does", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const rows = [...readme.matchAll(/^\| `(\w+)`( \*)? \| (true|false) \|/gm)].map(
    ([, type, passing, retry]) => ({
      type,
      isPassing: passing !== undefined,
      retry_possible: retry === "true",
    }),
  );
  const types = Object.keys(REFUSALS) as RefusalType[];
  expect(rows).toEqual(
    types.map((type) => ({ type, isPassing: refuse(type, "").isPassing, retry_possible: REFUSALS[type] })),
  );
});
