/** The bounds of the bus as a table, from the doc comments and defaults in the one place that names them. */
import { readFileSync } from "node:fs";
import ts from "typescript";
import { DEFAULT_LIMITS } from "../../packages/bus/src/protocol/limits.ts";
import { formatBytes, formatMilliseconds } from "../../packages/daemon/src/settings/units.ts";
import { ROOT } from "./root.ts";

const LIMITS = `${ROOT}packages/bus/src/protocol/limits.ts`;

/** A Markdown table: name in mesh.yaml, default, meaning. */
export function limitsTable(): string {
  const source = ts.createSourceFile(LIMITS, readFileSync(LIMITS, "utf8"), ts.ScriptTarget.Latest, true);
  const declaration = source.statements.find(ts.isInterfaceDeclaration);
  const meanings = new Map(
    declaration?.members.map((member) => [member.name?.getText() ?? "", meaningOf(member)]),
  );
  const rows = Object.entries(DEFAULT_LIMITS).map(([name, value]: [string, number]) => {
    const key = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return `| \`${key}\` | \`${format(name, value)}\` | ${meanings.get(name) ?? ""} |`;
  });
  return ["| Limit | Default | Meaning |", "| --- | --- | --- |", ...rows].join("\n");
}

function format(name: string, value: number): string {
  if (name.endsWith("Ms")) return formatMilliseconds(value);
  return name.endsWith("Bytes") ? formatBytes(value) : String(value);
}

function meaningOf(member: ts.Node): string {
  const text = ts.getTextOfJSDocComment(ts.getJSDocCommentsAndTags(member).find(ts.isJSDoc)?.comment) ?? "";
  return text.replace(/\s+/g, " ").replaceAll("|", "\\|");
}
