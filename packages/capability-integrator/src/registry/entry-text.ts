/** An entry as YAML text: a block for block maps, one line for flow maps. */
import type { ModuleEntry } from "./module-entry.ts";
import { scalarText, wellFormed } from "./scalar.ts";

type FieldValue = string | number | boolean | readonly string[];

/** How the text around the new entry is laid out. */
export interface Layout {
  /** Columns before the entry's key. */
  readonly indent: number;
  /** Columns that each level below it is set in further. */
  readonly step: number;
  readonly eol: "\n" | "\r\n";
}

/** Several lines, each ended by `eol`. */
export function blockText(entry: ModuleEntry, layout: Layout): string {
  const outer = " ".repeat(layout.indent);
  const inner = " ".repeat(layout.indent + layout.step);
  const lines = [`${outer}${scalarText(entry.name)}:`];
  for (const [key, value] of fieldsOf(entry)) {
    if (typeof value !== "object") lines.push(`${inner}${key}: ${scalarText(value)}`);
    else if (value.length === 0) lines.push(`${inner}${key}: []`);
    else lines.push(`${inner}${key}:`, ...value.map((item) => `${inner}- ${scalarText(item)}`));
  }
  return lines.map((line) => line + layout.eol).join("");
}

/** `name: {module: …}`, without the comma that may have to precede it. */
export function flowText(entry: ModuleEntry): string {
  const fields = fieldsOf(entry).map(([key, value]) => `${key}: ${flowValue(value)}`);
  return `${scalarText(entry.name)}: {${fields.join(", ")}}`;
}

/** Name to fields, as a YAML reader will see the entry; the text is checked against it. */
export function entryAsRead(entry: ModuleEntry): Map<string, Map<string, FieldValue>> {
  return new Map([
    [wellFormed(entry.name), new Map(fieldsOf(entry).map(([key, value]) => [key, asRead(value)]))],
  ]);
}

function asRead(value: FieldValue): FieldValue {
  if (typeof value === "object") return value.map(wellFormed);
  return typeof value === "string" ? wellFormed(value) : value;
}

function flowValue(value: FieldValue): string {
  return typeof value === "object" ? `[${value.map(scalarText).join(", ")}]` : scalarText(value);
}

/** In the order that the field's registries have. */
function fieldsOf(entry: ModuleEntry): [string, FieldValue][] {
  const fields: [string, FieldValue][] = [
    ["module", entry.module],
    ["enabled", true],
    ["description", entry.description],
    ["auto_discovered", true],
    ["discovered_at", entry.discovered_at],
    ["py_files", entry.py_files],
    ["path", entry.path],
    ["language", entry.language],
    ["source_files", entry.source_files],
  ];
  if (entry.confidence !== null) fields.push(["confidence", entry.confidence]);
  fields.push(["investigation_id", entry.investigation_id], ["capabilities", entry.capabilities]);
  return fields;
}
