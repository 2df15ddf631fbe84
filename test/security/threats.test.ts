/** docs/security.md: every threat names a test that is there, and every test of this folder stands in the page. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../mesh/commands.ts";

const page = readFileSync(`${ROOT}docs/security.md`, "utf8");
const COLUMNS = ["asset", "attacker", "attack", "defence", "what remains", "test"];

function threats(): string[][] {
  const lines = page.split("\n");
  const head = lines.indexOf(`| ${COLUMNS.join(" | ")} |`);
  const end = lines.findIndex((line, n) => n > head && !line.startsWith("|"));
  return lines.slice(head + 2, end).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

it("each row says who attacks what, how it is defended, and names tests that exist", () => {
  const rows = threats();
  expect(rows.length).toBeGreaterThan(20);
  const faults = rows.flatMap((cells) => {
    const tests = [...(cells[5] ?? "").matchAll(/\]\(\.\.\/([^)]+\.test\.ts)\)/g)].map(
      ([, path]) => path ?? "",
    );
    const missing = tests.filter((path) => !existsSync(join(ROOT, path)));
    const isWhole = cells.length === COLUMNS.length && cells.slice(0, 4).every((cell) => cell !== "");
    return isWhole && tests.length > 0 && missing.length === 0 ? [] : [[cells[0], ...missing].join(" ")];
  });
  expect(faults).toEqual([]);
});

it("each test of this folder that tries an attack is named in the page", () => {
  const own = readdirSync(`${ROOT}test/security`).filter((file) => file.endsWith(".test.ts"));
  const unnamed = own.filter(
    (file) => file !== "threats.test.ts" && !page.includes(`../test/security/${file}`),
  );
  expect(unnamed).toEqual([]);
});
