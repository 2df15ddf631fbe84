/** Asks the supervisor and every installed daemon at once; no answer is an answer too. */
import { join } from "node:path";
import { loadContracts } from "@kloros/bus";
import { askDaemon } from "@kloros/daemon";
import { contractDirs } from "../program/contract-dirs.ts";
import type { SupervisedStatus } from "../supervisor/status.ts";
import { installedDaemons } from "../up/roster.ts";
import { supervisorSocket } from "../up/supervisor-control.ts";
import { type DaemonStatus, type Health, mergeStatus } from "./merge-status.ts";

/** Longest wait for one answer, in milliseconds; a daemon that cannot say how it is within it is not well. */
const ASK_MS = 2_000;

export interface MeshStatus {
  readonly daemons: readonly DaemonStatus[];
  readonly anyoneAnswered: boolean;
}

/** The status of all daemons that are installed or supervised, in the order of the roster. */
export async function collectStatus(home: string): Promise<MeshStatus> {
  const asked = ask<{ daemons: SupervisedStatus[] }>(supervisorSocket(home), "supervisor:status");
  const installed = installedDaemons(loadContracts({ extraDirs: await contractDirs(home) })).map(
    ({ name }) => name,
  );
  const supervisor = await asked;
  const supervised = new Map((supervisor?.daemons ?? []).map((daemon) => [daemon.name, daemon]));
  // Under `kloros up --only …` the others are not missing, they are not wanted.
  const names = supervisor ? [...supervised.keys()] : installed;
  const healths = await Promise.all(
    names.map((name) => ask<Health>(join(home, "run", `${name}.sock`), "system:health")),
  );
  const daemons = names.map((name, index) => mergeStatus(name, supervised.get(name), healths[index]));
  return {
    daemons,
    anyoneAnswered: supervisor !== undefined || healths.some((health) => health !== undefined),
  };
}

async function ask<T>(socket: string, event: string): Promise<T | undefined> {
  try {
    return await askDaemon<T>(socket, event, {}, { timeoutMs: ASK_MS });
  } catch {
    return undefined; // Stopped, stuck, or not of this mesh: `mergeStatus` says what that means.
  }
}
