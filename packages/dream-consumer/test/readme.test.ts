import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { FAILURES } from "../src/decide/outcome.ts";

it("the README's table of failures says what the code does", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const rows = [...readme.matchAll(/^\| `(\w+)` \| (true|false) \| (yes|no) \|/gm)].map(
    ([, type, retry, ack]) => [type, { retry: retry === "true", ackPromotions: ack === "yes" }],
  );
  expect(Object.fromEntries(rows)).toEqual(FAILURES);
});
