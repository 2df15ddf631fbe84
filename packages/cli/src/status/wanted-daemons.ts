/** Which daemons this home is meant to have: those of `kloros up` when it runs, else all that are installed. */
import { loadContracts } from "@kloros/bus";
import { askDaemon } from "@kloros/client";
import { contractDirs } from "../program/contract-dirs.ts";
import type { SupervisedStatus } from "../supervisor/status.ts";
import { installedDaemons } from "../up/roster.ts";
import { supervisorSocket } from "../up/supervisor-control.ts";

/** Longest wait for the supervisor, in milliseconds. */
const ASK_MS = 2_000;

export interface WantedDaemons {
  readonly names: readonly string[];
  /** By name; empty without `kloros up`. */
  readonly supervised: ReadonlyMap<string, SupervisedStatus>;
  /** All that are installed. */
  readonly installed: readonly { readonly name: string; readonly package: string }[];
  /** Whether `kloros up` answered. */
  readonly underSupervisor: boolean;
}

/** Under `kloros up --only …` the others are not missing, they are not wanted. */
export async function wantedDaemons(home: string, askMs = ASK_MS): Promise<WantedDaemons> {
  const asked = askSupervisor(home, askMs);
  const installed = installedDaemons(loadContracts({ extraDirs: await contractDirs(home) }));
  const supervisor = await asked;
  const supervised = new Map((supervisor ?? []).map((daemon) => [daemon.name, daemon]));
  const names = supervisor === null ? installed.map(({ name }) => name) : [...supervised.keys()];
  return { names, supervised, installed, underSupervisor: supervisor !== null };
}

async function askSupervisor(home: string, timeoutMs: number): Promise<readonly SupervisedStatus[] | null> {
  try {
    const socket = supervisorSocket(home);
    const { daemons } = await askDaemon<{ daemons: SupervisedStatus[] }>(
      socket,
      "supervisor:status",
      {},
      { timeoutMs },
    );
    return daemons;
  } catch {
    return null; // No `kloros up` here, or it is stuck: its daemons answer for themselves.
  }
}
