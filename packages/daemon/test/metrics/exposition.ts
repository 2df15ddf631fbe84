/**
 * A strict reader of the Prometheus text format (0.0.4), for tests: whatever a real scraper would refuse or misread throws
 * here. Where promtool is installed it has the last word.
 */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly series: Series[];
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = '([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\\\\n]|\\\\[\\\\"n])*)"';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (\\S+)$`, "u");
const NUMBER = /^(?:[+-]?Inf|NaN|[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)$/u;

/** @throws {Error} with the line, when the text breaks a rule of the format */
export function readExposition(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let help = null as { name: string; help: string } | null;
  let current = null as Family | null;
  if (!text.endsWith("\n")) throw new Error("the last line is not ended");
  for (const line of text.slice(0, -1).split("\n")) {
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/u.exec(line);
    if (comment?.[1] === "HELP") {
      if (help !== null) throw new Error(`HELP without TYPE before: ${line}`);
      help = { name: comment[2]!, help: comment[3]! };
    } else if (comment !== null) {
      if (help?.name !== comment[2] || help === null) throw new Error(`TYPE without its HELP: ${line}`);
      if (families.has(help.name)) throw new Error(`a family that comes twice: ${line}`);
      if (!["counter", "gauge", "histogram"].includes(comment[3]!)) throw new Error(`unknown type: ${line}`);
      current = { name: help.name, help: help.help, type: comment[3]!, series: [] };
      families.set(help.name, current);
      help = null;
    } else {
      addSample(line, current, seen);
    }
  }
  for (const family of families.values()) checkFamily(family);
  return families;
}

function addSample(line: string, family: Family | null, seen: Set<string>): void {
  const match = SAMPLE.exec(line);
  if (match === null || family === null) throw new Error(`no sample: ${line}`);
  const [, name, labelText = ""] = match;
  const value = match.at(-1)!;
  if (!NUMBER.test(value)) throw new Error(`no number: ${line}`);
  const suffixes = family.type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
  if (!suffixes.some((suffix) => name === family.name + suffix))
    throw new Error(`not of ${family.name}: ${line}`);
  const pairs = [...labelText.matchAll(new RegExp(LABEL, "gu"))].map(
    ([, key, text]) => [key!, text!] as const,
  );
  const labels = Object.fromEntries(pairs);
  if (Object.keys(labels).length !== pairs.length) throw new Error(`a label comes twice: ${line}`);
  const key = JSON.stringify([name, [...pairs].sort(([a], [b]) => (a < b ? -1 : 1))]);
  if (seen.has(key)) throw new Error(`a series that comes twice: ${line}`);
  seen.add(key);
  family.series.push({ name: name!, labels, value: Number(value.replace("Inf", "Infinity")) });
}

function checkFamily({ name, type, series }: Family): void {
  if (type === "counter" && !name.endsWith("_total")) throw new Error(`a counter without _total: ${name}`);
  if (type !== "histogram") return;
  for (const [key, lines] of grouped(series)) {
    const buckets = lines.filter((line) => line.name === `${name}_bucket`);
    const counts = lines.filter((line) => line.name === `${name}_count`);
    const sums = lines.filter((line) => line.name === `${name}_sum`);
    const bounds = buckets.map(({ labels }) => Number(labels["le"]!.replace("Inf", "Infinity")));
    if (counts.length !== 1 || sums.length !== 1)
      throw new Error(`${name}${key}: not one _sum and one _count`);
    if (bounds.at(-1) !== Infinity) throw new Error(`${name}${key}: its last bucket is not +Inf`);
    if (bounds.some((bound, at) => at > 0 && bound <= bounds[at - 1]!))
      throw new Error(`${name}${key}: bounds do not rise`);
    if (buckets.some(({ value }, at) => at > 0 && value < buckets[at - 1]!.value))
      throw new Error(`${name}${key}: buckets are not cumulated`);
    if (buckets.at(-1)!.value !== counts[0]!.value) throw new Error(`${name}${key}: +Inf is not the count`);
  }
}

function grouped(series: readonly Series[]): Map<string, Series[]> {
  const groups = new Map<string, Series[]>();
  for (const one of series) {
    const key = keyWithoutLe(one.labels);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return groups;
}

function keyWithoutLe({ le: _, ...labels }: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
