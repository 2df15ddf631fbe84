/** Reads the setting `deadlines`: `Q_DREAM_TRIGGER=5s`. Every mistake is told at once, with what to write instead. */
import type { Contracts } from "@kloros/bus";
import { ConfigError, type ConfigProblem, didYouMean, toMilliseconds } from "@kloros/daemon";

const SETTING = "daemons.orchestrator_monitor.deadlines";
/** Longest deadline that a contract may set, too: a year, in milliseconds. */
const LONGEST_MS = 365 * 86_400_000;

/** Milliseconds by signal. @throws {ConfigError} (exit code 78) */
export function readDeadlines(entries: readonly string[], contracts: Contracts): ReadonlyMap<string, number> {
  const deadlines = new Map<string, number>();
  const problems: ConfigProblem[] = [];
  for (const entry of entries) {
    const [signal = "", ...rest] = entry.split("=").map((part) => part.trim());
    const milliseconds = toMilliseconds(rest.join("="));
    const wrong = deadlines.has(signal)
      ? { problem: `names ${signal} twice`, remedy: "keep one of them" }
      : (signalProblem(signal, contracts) ?? spanProblem(entry, milliseconds));
    if (wrong !== null) problems.push({ setting: SETTING, source: "settings", ...wrong });
    else deadlines.set(signal, milliseconds ?? 0);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return deadlines;
}

type Wrong = Pick<ConfigProblem, "problem" | "remedy"> | null;

function signalProblem(signal: string, contracts: Contracts): Wrong {
  const waits = contracts.names.filter((name) => contracts.get(name)?.expects);
  if (waits.includes(signal)) return null;
  if (contracts.get(signal) !== undefined)
    return {
      problem: `names ${signal}, whose contract expects nothing to follow it`,
      remedy: `name one of ${waits.join(", ")}`,
    };
  const close = didYouMean(signal, waits);
  return {
    problem: `names ${signal === "" ? "no signal" : `${signal}, which has no contract`}`,
    remedy: close === undefined ? `name one of ${waits.join(", ")}` : `did you mean ${close}?`,
  };
}

function spanProblem(entry: string, milliseconds: number | undefined): Wrong {
  if (milliseconds !== undefined && milliseconds > 0 && milliseconds <= LONGEST_MS) return null;
  return {
    problem: `has ${entry}, which gives no time span above 0 and up to 365d`,
    remedy: "write it with its unit, for example Q_DREAM_TRIGGER=30m",
  };
}
