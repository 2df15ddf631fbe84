/** One lock per experiment: whoever changes `deployed/<experiment>` holds it, in whatever process. */
import { join } from "node:path";
import { type FileLock, waitForFileLock } from "@kloros/bus";
import type { Job } from "../decide.ts";
import type { Workplace } from "../workplace.ts";

export const HOLDER = { name: "winner_deployer_daemon" };

export function lockPath(home: string, experiment: string): string {
  return join(home, "run", `deployed-${experiment}.lock`);
}

/** null: not to be had in time, and nothing has been begun. A deployment that has begun waits for as long as it takes. */
export async function lockForJob(
  job: Job,
  { home, config, stopping, log }: Workplace,
): Promise<FileLock | null> {
  const path = lockPath(home, job.experiment);
  for (;;) {
    const result = await waitForFileLock(path, HOLDER, {
      deadlineMs: config.lock_deadline,
      signal: stopping,
    });
    if (result.kind === "held") return result.lock;
    if (job.step === "queued") return null;
    log.warn(
      { path, holder: result.holder },
      "Another process holds the lock of a deployment that has begun",
    );
  }
}
