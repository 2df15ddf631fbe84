/** Reads the settings `check_…`: `[80%/75%, 90%/85%]`, warning and critical. Every mistake is told at once. */
import { ConfigError, type ConfigProblem } from "@kloros/daemon";
import { type Check, CHECK_NAMES, type CheckName, checkOf } from "./check-table.ts";
import type { Threshold, Thresholds } from "./level.ts";
import { EXAMPLES, readAmount } from "./units.ts";

/** The settings in `config.ts`, by check. */
export type ThresholdSettings = { readonly [K in CheckName as `check_${K}`]: readonly string[] };

/** By check; null: it is switched off. @throws {ConfigError} (exit code 78) */
export function readThresholds(config: ThresholdSettings): ReadonlyMap<CheckName, Thresholds | null> {
  const problems: ConfigProblem[] = [];
  const read = CHECK_NAMES.map((name) => {
    const told = (problem: string, remedy: string): void => {
      const setting = `daemons.orchestrator_monitor.check_${name}`;
      problems.push({ setting, source: "settings", problem, remedy });
    };
    return [name, readOne(config[`check_${name}`], checkOf(name), told)] as const;
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return new Map(read);
}

type Tell = (problem: string, remedy: string) => void;

function readOne(entries: readonly string[], check: Check, tell: Tell): Thresholds | null {
  if (entries.length === 1 && entries[0]?.trim() === "off") return null;
  if (entries.length !== 2) {
    tell(
      `has ${entries.length} entries`,
      `give the thresholds of warning and critical, for example ${check.thresholds.join(", ")}; or off`,
    );
    return null;
  }
  const [warning, critical] = entries.map((entry) => readThreshold(entry.trim(), check, tell));
  if (warning && critical && (critical.rise < warning.rise || critical.fall < warning.fall))
    tell(
      `has a critical threshold below that of the warning (${entries.join(", ")})`,
      "let it rise and fall above the warning's",
    );
  return { warning: warning ?? null, critical: critical ?? null };
}

function readThreshold(text: string, { unit }: Check, tell: Tell): Threshold | null {
  if (text === "-") return null;
  const parts = text.split("/").map((part) => readAmount(part, unit));
  const [rise, fall] = parts;
  if (parts.length !== 2 || rise === undefined || fall === undefined) {
    tell(
      `has ${JSON.stringify(text)}`,
      `write rise/fall with their unit, for example ${EXAMPLES[unit]}; or -`,
    );
    return null;
  }
  if (rise > fall) return { rise, fall };
  tell(
    `has ${text}, which falls no lower than it rises`,
    "let it fall below where it rises, or it would flap",
  );
  return null;
}
