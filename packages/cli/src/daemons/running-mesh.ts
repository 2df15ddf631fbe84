/** What runs on a home while its roster changes, and how it takes the change over. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { askDaemon, DaemonUnreachableError } from "@kloros/client";
import { answerNo } from "../program/errors.ts";
import type { SupervisedStatus } from "../supervisor/status.ts";
import type { ReloadedRoster } from "../up/roster-reload.ts";
import { supervisorSocket } from "../up/supervisor-control.ts";

/** Longest wait for daemons to be ready anew, in milliseconds: a drain and a start. */
const READY_MS = 60_000;
const LOOK_EVERY_MS = 200;
/** A socket that does not answer within it is nobody's, in milliseconds. */
const ASK_MS = 1_000;

export interface Running {
  /** `supervisor`: kloros up or kloros dev; `alone`: each by itself, as under systemd; `nothing`. */
  readonly by: "supervisor" | "alone" | "nothing";
  /** Names of daemons that run. */
  readonly names: readonly string[];
}

/** Who runs of `candidates`. */
export async function whatRuns(home: string, candidates: readonly string[]): Promise<Running> {
  const supervised = await statusOf(home);
  if (supervised !== null) {
    const alive = supervised.filter(({ state }) => state === "ready" || state === "starting");
    return { by: "supervisor", names: alive.map(({ name }) => name) };
  }
  const answers = await Promise.all(
    candidates.map(async (name) => ((await isAnswering(home, name)) ? name : null)),
  );
  const names = answers.filter((name) => name !== null);
  return { by: names.length > 0 ? "alone" : "nothing", names };
}

/** Tells `kloros up` to read its roster again, and restarts those who have to; resolves when all of them are ready. */
export async function takeOver(home: string, restart: readonly string[]): Promise<ReloadedRoster> {
  const socket = supervisorSocket(home);
  const reloaded = await askDaemon<ReloadedRoster>(socket, "supervisor:reload");
  const before = new Map((await statusOf(home))?.map(({ name, restarts }) => [name, restarts]));
  for (const daemon of restart) await askDaemon(socket, "supervisor:restart", { daemon });
  const isBack = ({ name, state, restarts }: SupervisedStatus): boolean =>
    state === "ready" && (!restart.includes(name) || restarts > (before.get(name) ?? 0));
  const awaited = [...reloaded.added, ...restart];
  const giveUpAt = performance.now() + READY_MS;
  for (;;) {
    const status = (await statusOf(home)) ?? [];
    const missing = awaited.filter(
      (name) => !status.some((daemon) => daemon.name === name && isBack(daemon)),
    );
    if (missing.length === 0) return reloaded;
    const failed = status.find(({ name, state }) => missing.includes(name) && state === "failed");
    if (failed !== undefined)
      throw answerNo(`${failed.name} has failed: ${failed.reason}; the output of kloros up says why`);
    if (performance.now() > giveUpAt)
      throw answerNo(
        `${missing.join(", ")} did not get ready within ${String(READY_MS / 1000)} s; see kloros status`,
      );
    await sleep(LOOK_EVERY_MS);
  }
}

async function statusOf(home: string): Promise<readonly SupervisedStatus[] | null> {
  if (!existsSync(supervisorSocket(home))) return null;
  try {
    const options = { timeoutMs: ASK_MS };
    return (
      await askDaemon<{ daemons: SupervisedStatus[] }>(
        supervisorSocket(home),
        "supervisor:status",
        {},
        options,
      )
    ).daemons;
  } catch (cause) {
    if (cause instanceof DaemonUnreachableError) return null;
    throw cause;
  }
}

async function isAnswering(home: string, name: string): Promise<boolean> {
  const socket = join(home, "run", `${name}.sock`);
  if (!existsSync(socket)) return false;
  try {
    await askDaemon(socket, "system:health", {}, { timeoutMs: ASK_MS });
    return true;
  } catch {
    return false;
  }
}
