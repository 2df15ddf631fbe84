/** A daemon that is still starting refuses what needs its node, and nothing was carried out: it is asked again within the time. */
import { setTimeout as sleep } from "node:timers/promises";
import { EventError } from "../errors.ts";

const NOT_READY = "E_DAEMON_NOT_READY";
/** Pause before asking again, in milliseconds; most daemons start within a second. */
export const LOOK_AGAIN_MS = 100;

export function isNotReady(error: unknown): boolean {
  return error instanceof EventError && error.daemonCode === NOT_READY;
}

/** Asks until the daemon is ready; all within `timeoutMs`. @throws what `ask` throws; the last refusal when time is up */
export async function whenReady<T>(
  ask: (leftMs: number) => Promise<T>,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<T> {
  const giveUpAt = performance.now() + timeoutMs;
  for (let leftMs = timeoutMs; ; leftMs = giveUpAt - performance.now()) {
    try {
      return await ask(leftMs);
    } catch (error) {
      if (!isNotReady(error) || performance.now() + LOOK_AGAIN_MS >= giveUpAt) throw error;
      await sleep(LOOK_AGAIN_MS, undefined, signal ? { signal } : {});
    }
  }
}
