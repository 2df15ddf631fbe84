/**
 * Reads what one daemon answers to `system:metrics`. Not trusted: a daemon may be a user's own, or of another version. What
 * is no sample, comes twice, or is another daemon's is left out and counted, so that one daemon cannot spoil the whole scrape.
 * Pure.
 */
import type { Labels, MetricFamily, Sample } from "@kloros/daemon";

/** Series of one daemon; more are left out (P5). */
export const MAX_SERIES = 20_000;

export interface ReadFamily extends Pick<MetricFamily, "name" | "type" | "help"> {
  readonly samples: Sample[];
}

export interface ReadExposition {
  readonly families: ReadonlyMap<string, ReadFamily>;
  /** Lines that were left out. */
  readonly leftOut: number;
}

const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"/gu;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/u;
const COMMENT = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/u;
const TYPES = ["counter", "gauge", "histogram"] as const;
const HISTOGRAM_LINES = ["_bucket", "_sum", "_count"] as const;

export function parseExposition(text: string, daemon: string): ReadExposition {
  const reader = new Reader(daemon);
  for (const line of text.split("\n")) if (line !== "") reader.take(line);
  return reader;
}

class Reader implements ReadExposition {
  readonly families = new Map<string, ReadFamily>();
  leftOut = 0;
  readonly #daemon: string;
  readonly #helps = new Map<string, string>();
  readonly #seen = new Set<string>();

  constructor(daemon: string) {
    this.#daemon = daemon;
  }

  take(line: string): void {
    const taken = line.startsWith("#") ? this.#comment(line) : this.#sample(line);
    if (!taken) this.leftOut++;
  }

  #comment(line: string): boolean {
    const [, kind, name, rest] = COMMENT.exec(line) ?? [];
    if (name === undefined || rest === undefined) return false;
    if (kind === "HELP") {
      this.#helps.set(name, unescaped(rest));
      return true;
    }
    const type = TYPES.find((known) => known === rest);
    if (type === undefined || this.families.has(name)) return false;
    this.families.set(name, { name, type, help: this.#helps.get(name) ?? "Not described.", samples: [] });
    return true;
  }

  #sample(line: string): boolean {
    const [, name, labelText = "", number] = SAMPLE.exec(line) ?? [];
    if (name === undefined || number === undefined || this.#seen.size >= MAX_SERIES) return false;
    const home = this.#homeOf(name);
    const labels = labelsOf(labelText);
    const value = numberOf(number);
    if (home === null || labels === null || value === null || labels["daemon"] !== this.#daemon) return false;
    const key = `${name}${JSON.stringify(Object.entries(labels).sort(byName))}`;
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    const { family, suffix } = home;
    family.samples.push(suffix === null ? { labels, value } : { labels, value, suffix });
    return true;
  }

  #homeOf(name: string): { family: ReadFamily; suffix: NonNullable<Sample["suffix"]> | null } | null {
    const plain = this.families.get(name);
    if (plain !== undefined) return plain.type === "histogram" ? null : { family: plain, suffix: null };
    const suffix = HISTOGRAM_LINES.find((end) => name.endsWith(end));
    const family = suffix === undefined ? undefined : this.families.get(name.slice(0, -suffix.length));
    return family?.type === "histogram" && suffix !== undefined ? { family, suffix } : null;
  }
}

function labelsOf(text: string): Labels | null {
  const pairs = [...text.matchAll(LABEL)];
  // Between the labels there is nothing but commas, or it is no list of labels.
  if (pairs.map(([whole]) => whole).join(",") !== text) return null;
  const labels = Object.fromEntries(pairs.map(([, name, value]) => [name!, unescaped(value!)]));
  return Object.keys(labels).length === pairs.length ? labels : null;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gu, (_all, char: string) => (char === "n" ? "\n" : char));
}

function numberOf(text: string): number | null {
  if (text === "+Inf") return Infinity;
  if (text === "-Inf") return -Infinity;
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/u.test(text) ? Number(text) : null;
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}
