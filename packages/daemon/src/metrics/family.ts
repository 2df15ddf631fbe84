/** Words of the Prometheus text format (0.0.4): what a metric is, and how its samples are written. Pure. */

/** One metric: what all its series have in common. */
export interface MetricFamily {
  /** Base units, `_total` for counters. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** One sentence. */
  readonly help: string;
  /** Besides `daemon`. Their values come from bounded sets: contract names, and words named in `help`. */
  readonly labels: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;

/** One line of a family. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** Of a histogram's lines. */
  readonly suffix?: "_bucket" | "_sum" | "_count";
}

/** The lines of one family; nothing when it has no samples. `shared` labels are added to each. */
export function renderFamily(
  { name, type, help }: MetricFamily,
  samples: readonly Sample[],
  shared: Labels = {},
): string {
  if (samples.length === 0) return "";
  const sharedText = labelText(shared);
  let text = `# HELP ${name} ${escapedHelp(help)}\n# TYPE ${name} ${type}\n`;
  for (const { labels, value, suffix = "" } of samples) {
    const ownText = labelText(labels);
    const all = sharedText === "" || ownText === "" ? sharedText + ownText : `${sharedText},${ownText}`;
    text += `${name}${suffix}${all === "" ? "" : `{${all}}`} ${numberText(value)}\n`;
  }
  return text;
}

function labelText(labels: Labels): string {
  let text = "";
  for (const name in labels) text += `${text === "" ? "" : ","}${name}="${escapedLabel(labels[name] ?? "")}"`;
  return text;
}

const SPECIAL = /[\\"\n]/u;

function escapedLabel(value: string): string {
  if (!SPECIAL.test(value)) return value;
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function escapedHelp(help: string): string {
  return help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

/** As Go's ParseFloat reads it. */
export function numberText(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}
