/** docs/experiments.md says of dream.yaml what the code does. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as limits from "../../src/dream-file/dream-limits.ts";
import { COMMAND_PLACEHOLDERS } from "../../src/placeholders.ts";

const text = readFileSync(new URL("../../../../docs/experiments.md", import.meta.url), "utf8");
const rows = new Map(
  [...text.matchAll(/^\| `([a-z_[\].]+)` \| (.*?) \| (.*?) \|/gmu)].map(([, field, standard, range]) => [
    field!,
    { standard: standard!, range: range! },
  ]),
);

const GROUPS: readonly (readonly [string, Readonly<Record<string, limits.NumberField>>])[] = [
  ["run.global_budget.", limits.BUDGET],
  ["run.", { seed: limits.RUN.seed }],
  ["run.scheduling.", { max_parallel: limits.RUN.max_parallel, backoff_sec: limits.RUN.backoff_sec }],
  ["retention.", limits.RETENTION],
  ["mutators.", limits.MUTATORS],
  ["experiments[].selector.", limits.SELECTOR],
  ["experiments[].convergence.", limits.CONVERGENCE],
  ["experiments[].evaluator.", limits.EVALUATOR],
  ["experiments[].evaluator.limits.", limits.EVALUATOR_LIMITS],
  ["experiments[].artifact.mutator.", limits.ARTIFACT],
  ["experiments[].validate.", limits.VALIDATE],
  ["experiments[].probation.", limits.PROBATION],
  ["experiments[].acceptance.", limits.ACCEPTANCE],
];
/** Defaults that depend on something else. */
const DERIVED = ["experiments[].evaluator.limits.cpu_s", "experiments[].selector.survivors"];

const numbers = GROUPS.flatMap(([group, fields]) =>
  Object.entries(fields).map(([key, field]) => [`${group}${key}`, field] as const),
);

it.each(numbers)("%s has its default and its range in the table", (name, field) => {
  const row = rows.get(name);
  expect(row).toBeDefined();
  const written = (value: number) => (name.endsWith("_bytes") ? bytes(value) : String(value));
  if (!DERIVED.includes(name)) expect(row?.standard.split(",")[0]).toBe(written(field.default));
  const range =
    field.max === Number.MAX_VALUE
      ? `at least ${written(field.min)}`
      : `${written(field.min)} to ${written(field.max)}`;
  expect(row?.range).toBe(range);
});

it("every placeholder has a row that says where it has a value", () => {
  const lines = text.split("\n").filter((line) => /^\| `\{/u.test(line));
  for (const name of new Set(Object.values(COMMAND_PLACEHOLDERS).flat())) {
    const cells = lines
      .find((line) => line.includes(`\`{${name}}\``))
      ?.split("|")
      .map((cell) => cell.trim());
    const isIn = (kind: keyof typeof COMMAND_PLACEHOLDERS) =>
      (COMMAND_PLACEHOLDERS[kind] as readonly string[]).includes(name) ? "yes" : "no";
    expect(cells?.slice(3, 5), name).toEqual([isIn("evaluator"), isIn("validate")]);
  }
});

it("the examples are in order", async () => {
  const { parseDreamFile } = await import("@kloros/experiments");
  const own = /```yaml\n( {2}- name: parabola\n[\s\S]*?)```/u.exec(text)?.[1] ?? "";
  expect(parseDreamFile(`experiments:\n${own}`, "docs")).toMatchObject({ kind: "ok" });
  const indented = (block: string) => block.replaceAll(/^/gmu, "    ");
  const blocks = [...text.matchAll(/```yaml\n((?:search_space|artifact):[\s\S]*?)```/gu)].map(
    ([, block]) => block!,
  );
  expect(blocks).toHaveLength(3);
  for (const block of blocks) {
    const space = block.startsWith("search_space") ? "" : "    search_space: {x: [1]}\n";
    const yaml = `experiments:\n  - name: a\n    evaluator: {command: [r]}\n${space}${indented(block)}`;
    expect(parseDreamFile(yaml, "docs")).toMatchObject({ kind: "ok" });
  }
});

function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  let unit = 0;
  let rest = value;
  for (; unit < units.length - 1 && rest % 1024 === 0; unit++) rest /= 1024;
  return `${rest}${units[unit]}`;
}
