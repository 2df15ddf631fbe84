/** Command line options as raw values: `--key value`, `--key=value`, `--switch`, `--no-switch`. Pure. */
import { parseArgs } from "node:util";
import type { ConfigProblem } from "./problem.ts";
import type { SettingsTable } from "./setting.ts";

export interface Flag {
  readonly key: string;
  readonly raw: string;
  /** As it was typed, for messages. */
  readonly source: string;
}

export interface Flags {
  readonly flags: readonly Flag[];
  /** Options nobody knows, as `key`, with their source. */
  readonly unknown: readonly { readonly key: string; readonly source: string }[];
  readonly problems: readonly ConfigProblem[];
  readonly helpAsked: boolean;
}

/** `max_intent_bytes` → `--max-intent-bytes` */
export function flagName(key: string): string {
  return `--${key.replaceAll("_", "-")}`;
}

/** Splits `argv` (without node and script) by the settings of `table`; says what it could not place. */
export function readFlags(argv: readonly string[], table: SettingsTable): Flags {
  const options = Object.entries(table).map(([key, setting]) => [
    key.replaceAll("_", "-"),
    { type: setting.type === "boolean" ? ("boolean" as const) : ("string" as const) },
  ]);
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(options) as Record<string, { type: "boolean" | "string" }>,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const found = {
    flags: [] as Flag[],
    unknown: [] as { key: string; source: string }[],
    problems: [] as ConfigProblem[],
  };
  let helpAsked = false;
  let afterUnknown = false; // What follows an unknown option is most likely its value: one mistake, one message.
  for (const token of tokens) {
    const explained = afterUnknown;
    afterUnknown = false;
    if (token.kind === "positional" && !explained) {
      found.problems.push({
        setting: "",
        source: `argument ${token.value}`,
        problem: "is not expected",
        remedy: "options begin with --",
      });
    }
    if (token.kind !== "option") continue;
    if (token.name === "help" || token.name === "h") {
      helpAsked = true;
      continue;
    }
    const source = `option ${token.rawName}`;
    const negated = token.name.startsWith("no-") ? token.name.slice(3).replaceAll("-", "_") : "";
    if (table[negated]?.type === "boolean" && token.value === undefined) {
      found.flags.push({ key: negated, raw: "false", source });
      continue;
    }
    const key = token.name.replaceAll("-", "_");
    const setting = Object.hasOwn(table, key) ? table[key] : undefined;
    const swallowed = token.inlineValue === false && token.value.startsWith("--");
    if (swallowed) {
      const next = readFlags([token.value], table); // `--home --dry-run`: the value is missing, the option is not.
      found.flags.push(...next.flags);
      found.unknown.push(...next.unknown);
      found.problems.push(...next.problems);
    }
    afterUnknown = !setting;
    if (!setting) found.unknown.push({ key, source });
    else if (token.value !== undefined && !swallowed) found.flags.push({ key, raw: token.value, source });
    else if (setting.type === "boolean") found.flags.push({ key, raw: "true", source });
    else
      found.problems.push({
        setting: key,
        source,
        problem: "has no value",
        remedy: `write ${token.rawName} <value>`,
      });
  }
  return { ...found, helpAsked };
}
