/** Gathers what a verdict needs: all daemons at once, within one deadline (P10). */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { askDaemon } from "@kloros/client";
import { didYouMean } from "@kloros/daemon";
import { DeadLetterCount } from "../metrics/dead-letter-count.ts";
import { usageError } from "../program/errors.ts";
import { wantedDaemons, type WantedDaemons } from "../status/wanted-daemons.ts";
import type { MonitorChecks, Observation, ObservedDaemon, ObservedHealth } from "./observation.ts";

const MONITOR = "orchestrator_monitor";

export interface ObserveOptions {
  /** Only these; empty: all. */
  readonly daemons: readonly string[];
  /** Longest wait for one answer, in milliseconds; two follow each other. */
  readonly askMs: number;
}

/** @throws {CommandError} a daemon of that name is not known */
export async function observe(home: string, { daemons: only, askMs }: ObserveOptions): Promise<Observation> {
  const wanted = await wantedDaemons(home, askMs);
  const names = only.length === 0 ? wanted.names : only.map((name) => knownName(name, wanted));
  const [daemons, monitor, letters] = await Promise.all([
    Promise.all(names.map((name) => observeDaemon(home, name, wanted, askMs))),
    ask<MonitorChecks>(home, MONITOR, "health:checks", askMs),
    new DeadLetterCount(home).read().catch(() => null),
  ]);
  return {
    daemons,
    deadLetters: letters === null ? null : deadLettersOf(letters, only),
    monitor: monitor === null ? null : chosenChecks(monitor, only),
    maintenance: existsSync(join(home, "maintenance_mode")),
    nowMs: Date.now(),
  };
}

function knownName(name: string, { names }: WantedDaemons): string {
  if (names.includes(name)) return name;
  const meant = didYouMean(name, names);
  throw usageError(`there is no daemon ${name}${meant === undefined ? "" : `: did you mean ${meant}?`}`);
}

async function observeDaemon(
  home: string,
  name: string,
  { supervised }: WantedDaemons,
  askMs: number,
): Promise<ObservedDaemon> {
  const health = await ask<ObservedHealth>(home, name, "system:health", askMs);
  return { name, health, supervised: supervised.get(name) ?? null };
}

async function ask<T>(home: string, daemon: string, event: string, timeoutMs: number): Promise<T | null> {
  try {
    return await askDaemon<T>(join(home, "run", `${daemon}.sock`), event, {}, { timeoutMs });
  } catch {
    return null; // No answer is an answer.
  }
}

function deadLettersOf(letters: ReadonlyMap<string, number>, only: readonly string[]): number {
  let sum = 0;
  for (const [daemon, count] of letters) if (only.length === 0 || only.includes(daemon)) sum += count;
  return sum;
}

function chosenChecks(monitor: MonitorChecks, only: readonly string[]): MonitorChecks {
  const checks = Array.isArray(monitor.checks) ? (monitor.checks as MonitorChecks["checks"]) : [];
  return { ...monitor, checks: checks.filter(({ subject }) => only.length === 0 || only.includes(subject)) };
}
