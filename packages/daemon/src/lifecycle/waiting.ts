/** Waits that always end (P10). */
import type { StopRequest } from "./stop-request.ts";

/** Runs a step of the start, unless a stop is or gets asked for; the step's late failure is then of no interest. */
export async function unlessStopped(run: () => unknown, stop: StopRequest): Promise<"done" | "stopped"> {
  if (stop.signal.aborted) return "stopped";
  const running = Promise.resolve(run()).then(() => "done" as const);
  running.catch(() => undefined);
  return Promise.race([running, stop.requested.then(() => "stopped" as const)]);
}

/** Runs a step, at most for `deadlineMs`. */
export async function within(deadlineMs: number, run: () => Promise<unknown>): Promise<"done" | "late"> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), deadlineMs);
  });
  const running = run().then(() => "done" as const);
  running.catch(() => undefined); // When it fails after the deadline.
  try {
    return await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
  }
}
