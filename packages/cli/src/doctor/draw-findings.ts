/** What `kloros doctor` found, for people. Pure. */
import { type Paint, printable } from "../program/paint.ts";
import { drawTable } from "../program/table.ts";
import type { Finding } from "./finding.ts";

/** A line for each finding, and under it what to do. */
export function drawFindings(findings: readonly Finding[], paint: Paint): string[] {
  const colour = { ok: paint.green, warn: paint.yellow, fail: paint.red };
  const rows = findings.map(({ check, status, detail }) => [
    { text: status, paint: colour[status] },
    check,
    printable(detail),
  ]);
  const [head, ...lines] = drawTable(["", "check", "found"], rows, paint);
  const advised = lines.flatMap((line, at) => {
    const remedy = findings[at]?.remedy ?? "";
    return remedy === "" ? [line] : [line, paint.dim(`      → ${printable(remedy)}`)];
  });
  return head === undefined ? [] : [head, ...advised];
}
