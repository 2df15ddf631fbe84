/**
 * One table of settings against all places where they can be set: option > environment > file > default.
 * Every place is checked, also where a stronger one overrides it; nothing is thrown, problems are collected.
 */
import { didYouMean } from "./did-you-mean.ts";
import type { Flag } from "./flags.ts";
import type { MeshEntries } from "./mesh-file.ts";
import { parseValue } from "./parse-value.ts";
import type { ConfigProblem } from "./problem.ts";
import { defaultOf, type SettingsTable, type SettingValue } from "./setting.ts";

export interface Places {
  readonly flags: readonly Flag[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `KLOROS_` or `KLOROS_INTENT_ROUTER_`. */
  readonly environmentPrefix: string;
  readonly file: MeshEntries;
  /** Before the key in messages: `daemons.intent_router.`, or empty. */
  readonly section: string;
}

export interface Resolved {
  readonly values: Readonly<Record<string, SettingValue>>;
  /** Where the value of a key comes from; absent for defaults. */
  readonly sources: ReadonlyMap<string, "option" | "environment" | "file">;
  readonly problems: readonly ConfigProblem[];
}

/** The value of each setting of the table, and what is wrong in the places. */
export function resolve(table: SettingsTable, places: Places): Resolved {
  const values: Record<string, SettingValue> = {};
  const sources = new Map<string, "option" | "environment" | "file">();
  const problems: ConfigProblem[] = [];
  for (const [key, setting] of Object.entries(table)) {
    values[key] = defaultOf(setting);
    for (const { raw, source, place } of placesOf(key, places)) {
      const parsed = parseValue(key, setting, raw);
      if (parsed.kind === "wrong") {
        problems.push({
          setting: places.section + key,
          source,
          problem: parsed.problem,
          remedy: parsed.remedy,
        });
        continue;
      }
      values[key] = parsed.value; // Weakest place first: what comes later overrides.
      sources.set(key, place);
    }
  }
  return { values, sources, problems };
}

/** A name that no table knows, with the name that was probably meant. */
export function unknownSetting(
  name: string,
  source: string,
  known: readonly string[],
  show = (key: string) => key,
): ConfigProblem {
  const meant = didYouMean(name, known);
  const remedy =
    meant === undefined
      ? `remove it; known here: ${known.map(show).join(", ") || "none"}`
      : `did you mean ${show(meant)}?`;
  return { setting: "", source, problem: `sets ${show(name)}, which is unknown`, remedy };
}

/** `KLOROS_` + `intent_router` → `KLOROS_INTENT_ROUTER_` */
export function environmentPrefix(daemon: string): string {
  return `KLOROS_${daemon.toUpperCase()}_`;
}

function placesOf(
  key: string,
  places: Places,
): { raw: unknown; source: string; place: "option" | "environment" | "file" }[] {
  const found: { raw: unknown; source: string; place: "option" | "environment" | "file" }[] = [];
  const entry = places.file.get(key);
  if (entry) found.push({ raw: entry.value, source: entry.source, place: "file" });
  const variable = places.environmentPrefix + key.toUpperCase();
  const set = places.environment[variable];
  if (set !== undefined && set !== "")
    found.push({ raw: set, source: `environment ${variable}`, place: "environment" });
  for (const flag of places.flags) {
    if (flag.key === key) found.push({ raw: flag.raw, source: flag.source, place: "option" });
  }
  return found;
}
