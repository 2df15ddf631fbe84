/** Asks the supervisor and every installed daemon at once; no answer is an answer too. */
import { join } from "node:path";
import { askDaemon } from "@kloros/client";
import { type DaemonStatus, type Health, mergeStatus, type UnitSeen } from "./merge-status.ts";
import { unitsOf } from "./under-systemd.ts";
import { wantedDaemons } from "./wanted-daemons.ts";

/** Longest wait for one answer, in milliseconds; a daemon that cannot say how it is within it is not well. */
const ASK_MS = 2_000;

/** One of the monitor's checks that is not ok: a row of its `health:checks`. */
export interface FailingCheck {
  readonly check: string;
  readonly subject: string;
  readonly level: "warning" | "critical";
  /** The value with its unit. */
  readonly text: string;
  /** RFC 3339, UTC. */
  readonly since: string;
  readonly recommended_action: string | null;
  readonly detail: string | null;
}

export interface MeshStatus {
  readonly daemons: readonly DaemonStatus[];
  /** null: the monitor does not answer. */
  readonly checks: readonly FailingCheck[] | null;
  /** Why policies.yaml, as it lies there, is not in force; empty when it is, or when nobody can tell. */
  readonly policyProblems: readonly string[];
  readonly anyoneAnswered: boolean;
  /** The home is installed as units. */
  readonly underSystemd: boolean;
}

/** The status of all daemons that are installed or supervised, in the order of the roster. */
export async function collectStatus(home: string): Promise<MeshStatus> {
  const { names, supervised, installed, underSupervisor } = await wantedDaemons(home, ASK_MS);
  const asked = failingChecks(home);
  const healths = await Promise.all(names.map((name) => askHealth(home, name, ASK_MS)));
  const units = underSupervisor ? new Map<string, UnitSeen>() : unitsOf(home, installed);
  const daemons = names.map((name, index) =>
    mergeStatus(name, supervised.get(name), healths[index], units.get(name)),
  );
  const anyoneAnswered = underSupervisor || healths.some((health) => health !== undefined);
  const policies = healths.flatMap((health) => health?.policies ?? []).filter(({ is_valid }) => !is_valid);
  const policyProblems = policies.flatMap(({ problems }) => problems);
  return { daemons, checks: await asked, policyProblems, anyoneAnswered, underSystemd: units.size > 0 };
}

async function failingChecks(home: string): Promise<readonly FailingCheck[] | null> {
  const socket = join(home, "run", "orchestrator_monitor.sock");
  try {
    const answer = await askDaemon<{ checks: readonly (FailingCheck | { readonly level: "ok" })[] }>(
      socket,
      "health:checks",
      {},
      { timeoutMs: ASK_MS },
    );
    return answer.checks.filter((row) => row.level !== "ok");
  } catch {
    return null;
  }
}

/** Undefined when it is stopped, stuck, or not of this mesh: `mergeStatus` says what that means. */
export async function askHealth(
  home: string,
  daemon: string,
  timeoutMs: number,
): Promise<Health | undefined> {
  try {
    return await askDaemon<Health>(join(home, "run", `${daemon}.sock`), "system:health", {}, { timeoutMs });
  } catch {
    return undefined;
  }
}
