/** One raw value, as somebody wrote it, against one setting. Pure. */
import { boundsOf, type Setting, type SettingValue } from "./setting.ts";
import { formatBytes, formatMilliseconds, toBytes, toMilliseconds } from "./units.ts";

export type ParsedValue =
  | { readonly kind: "value"; readonly value: SettingValue }
  | { readonly kind: "wrong"; readonly problem: string; readonly remedy: string };

/** Longest piece of a wrong value that a message repeats. */
const SHOWN_CHARACTERS = 60;

/**
 * `raw` is a string when it comes from the environment or the command line, or any YAML value.
 * `key` decides whether a bare number may be a time span: only where the name says milliseconds.
 */
export function parseValue(key: string, setting: Setting, raw: unknown): ParsedValue {
  if (raw === null && setting.default === null) return { kind: "value", value: null };
  const value = read(key, setting, raw);
  if (value === undefined)
    return {
      kind: "wrong",
      problem: `must be ${wanted(setting)} (got ${shown(raw)})`,
      remedy: remedyFor(setting),
    };
  const { min, max } = boundsOf(setting);
  if (typeof value === "number" && (value < min || value > max)) {
    return {
      kind: "wrong",
      problem: `must be ${wanted(setting)} (got ${shown(raw)})`,
      remedy: "choose a value within the bounds",
    };
  }
  return { kind: "value", value };
}

/** What a setting accepts, in words: for messages and for the table. */
export function wanted(setting: Setting): string {
  switch (setting.type) {
    case "integer":
    case "number": {
      const unit = setting.unit === undefined ? "" : ` (${setting.unit})`;
      return `${setting.type === "integer" ? "a whole number" : "a number"}${unit}${range(setting, String)}`;
    }
    case "duration":
      return `a time span${range(setting, formatMilliseconds)}`;
    case "bytes":
      return `an amount of bytes${range(setting, formatBytes)}`;
    case "boolean":
      return "true or false";
    case "enum":
      return `one of ${setting.values.join(", ")}`;
    case "list":
      return "a list of strings";
    case "string":
      return setting.pattern ? `a text that matches ${String(setting.pattern)}` : "a text";
  }
}

function read(key: string, setting: Setting, raw: unknown): SettingValue | undefined {
  const text = typeof raw === "string" ? raw.trim() : undefined;
  switch (setting.type) {
    case "integer":
      return typeof raw === "number"
        ? whole(raw)
        : matching(text, /^[+-]?\d+$/, (digits) => whole(Number(digits)));
    case "number":
      return typeof raw === "number"
        ? finite(raw)
        : matching(text, /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, (digits) => finite(Number(digits)));
    case "duration":
      return duration(key, raw);
    case "bytes":
      return typeof raw === "number" ? whole(raw) : text === undefined ? undefined : toBytes(text);
    case "boolean":
      return typeof raw === "boolean"
        ? raw
        : matching(text, /^(true|false|yes|no|on|off|1|0)$/i, (word) => /^(true|yes|on|1)$/i.test(word));
    case "enum":
      return text !== undefined && setting.values.includes(text) ? text : undefined;
    case "list":
      return list(raw);
    case "string":
      if (typeof raw !== "string" || raw === "") return undefined;
      return setting.pattern && !setting.pattern.test(raw) ? undefined : raw;
  }
}

/** `scan: 30` would be thirty of what? Only a key that ends in `_ms` says it. */
function duration(key: string, raw: unknown): number | undefined {
  const bareAllowed = key.endsWith("_ms");
  if (typeof raw === "number") return raw === 0 || bareAllowed ? finite(raw) : undefined;
  if (typeof raw !== "string") return undefined;
  return bareAllowed && /^\s*\d+\s*$/.test(raw) ? Number(raw) : toMilliseconds(raw);
}

function list(raw: unknown): readonly string[] | undefined {
  if (typeof raw === "string")
    return raw
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
  if (!Array.isArray(raw) || !raw.every((item) => typeof item === "string")) return undefined;
  return raw;
}

function matching<T>(text: string | undefined, pattern: RegExp, convert: (text: string) => T): T | undefined {
  return text !== undefined && pattern.test(text) ? convert(text) : undefined;
}

function whole(value: number): number | undefined {
  return Number.isSafeInteger(value) ? value : undefined;
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

function range(setting: Setting, format: (value: number) => string): string {
  const { min, max } = boundsOf(setting);
  const hasMin = min !== -Infinity && !(min === 0 && setting.type !== "integer" && setting.type !== "number");
  if (hasMin && max !== Infinity) return ` from ${format(min)} to ${format(max)}`;
  if (hasMin) return ` of at least ${format(min)}`;
  return max === Infinity ? "" : ` of at most ${format(max)}`;
}

function remedyFor(setting: Setting): string {
  switch (setting.type) {
    case "duration":
      return "write it with its unit, for example 500ms, 30s, 5m, 2h, 30d";
    case "bytes":
      return "write for example 1048576 or 1MiB";
    case "list":
      return "write [a, b] in mesh.yaml, or a,b elsewhere";
    case "enum":
      return "choose one of them, spelled exactly so";
    default:
      return "correct it, or remove it to use the default";
  }
}

function shown(raw: unknown): string {
  const text = JSON.stringify(raw);
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}
