/** Finds the decisions about an id, in the decision logs of a home; works whether the mesh runs or not. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Contracts, readJsonLines } from "@kloros/bus";
import { askDaemon, DaemonUnreachableError, EventError } from "@kloros/client";
import { findStories } from "../trace/find-story.ts";
import { type DecisionLine, parseDecisionLine } from "./decision-line.ts";
import { isAbout } from "./match-decision.ts";

/** Decisions shown; the newest ones. */
export const MAX_DECISIONS = 200;
const FLUSH_TIMEOUT_MS = 2_000;
const LOG_NAME = /^policy_decisions(?:\.(\d+))?\.jsonl$/u;

export interface FoundDecision {
  readonly decision: DecisionLine;
  /** How often it was repeated for the same reason. */
  readonly repeated: number;
  readonly last_repeated_at: string | null;
}

export interface FoundDecisions {
  /** Oldest first. */
  readonly found: readonly FoundDecision[];
  /** Older ones that are left out. */
  readonly omitted: number;
}

/** Decisions about the id itself; where there are none, those of the stories in which it occurs. */
export async function findDecisions(home: string, id: string, contracts: Contracts): Promise<FoundDecisions> {
  await writeOut(home);
  const direct = await collect(home, (decision) => isAbout(decision, id), id);
  if (direct.found.length > 0) return direct;
  const { rows } = await findStories(home, id, contracts);
  const stories = new Set(rows.map(({ correlation_id }) => correlation_id));
  if (stories.size === 0) return direct;
  return collect(home, ({ signal }) => stories.has(signal.correlation_id), id);
}

/** A running engine writes what it only counts so far. */
async function writeOut(home: string): Promise<void> {
  const socket = join(home, "run", "kloros_policy_engine.sock");
  try {
    await askDaemon(socket, "policy:flush", {}, { timeoutMs: FLUSH_TIMEOUT_MS });
  } catch (cause) {
    if (!(cause instanceof DaemonUnreachableError || cause instanceof EventError)) throw cause;
  }
}

async function collect(
  home: string,
  matches: (decision: DecisionLine) => boolean,
  signalId: string,
): Promise<FoundDecisions> {
  const wanted = new Set<string>();
  const repetitions = new Map<string, { total: number; last_at: string }>();
  for await (const line of linesOf(home)) {
    if (line.kind === "repetition") {
      repetitions.set(line.decision, { total: line.total, last_at: line.last_at });
      if (line.signal_ids.includes(signalId)) wanted.add(line.decision);
    } else if (matches(line) || (line.deferred_by !== null && wanted.has(line.deferred_by))) {
      wanted.add(line.id);
      if (line.deferred_by !== null) wanted.add(line.deferred_by);
    }
  }
  const found: FoundDecision[] = [];
  let omitted = 0;
  for await (const line of wanted.size === 0 ? [] : linesOf(home)) {
    if (line.kind !== "decision" || !wanted.has(line.id)) continue;
    const repeated = repetitions.get(line.id);
    found.push({
      decision: line,
      repeated: repeated?.total ?? 0,
      last_repeated_at: repeated?.last_at ?? null,
    });
    if (found.length <= MAX_DECISIONS) continue;
    found.shift();
    omitted++;
  }
  return { found, omitted };
}

/** Lines of all decision logs, oldest first. */
async function* linesOf(home: string) {
  const names = await readdir(home);
  const logs = names
    .flatMap((name) => {
      const match = LOG_NAME.exec(name);
      return match === null ? [] : [{ name, age: Number(match[1] ?? 0) }];
    })
    .sort((a, b) => b.age - a.age);
  for (const { name } of logs) {
    for await (const { value } of readJsonLines(join(home, name))) {
      const line = parseDecisionLine(value);
      if (line !== null) yield line;
    }
  }
}
