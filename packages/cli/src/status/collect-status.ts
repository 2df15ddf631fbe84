/** Asks the supervisor and every installed daemon at once; no answer is an answer too. */
import { join } from "node:path";
import { askDaemon } from "@kloros/client";
import { type DaemonStatus, type Health, mergeStatus } from "./merge-status.ts";
import { wantedDaemons } from "./wanted-daemons.ts";

/** Longest wait for one answer, in milliseconds; a daemon that cannot say how it is within it is not well. */
const ASK_MS = 2_000;

export interface MeshStatus {
  readonly daemons: readonly DaemonStatus[];
  readonly anyoneAnswered: boolean;
}

/** The status of all daemons that are installed or supervised, in the order of the roster. */
export async function collectStatus(home: string): Promise<MeshStatus> {
  const { names, supervised, underSupervisor } = await wantedDaemons(home, ASK_MS);
  const healths = await Promise.all(names.map((name) => askHealth(home, name, ASK_MS)));
  const daemons = names.map((name, index) => mergeStatus(name, supervised.get(name), healths[index]));
  return { daemons, anyoneAnswered: underSupervisor || healths.some((health) => health !== undefined) };
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
