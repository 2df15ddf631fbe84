/** What every step of a deployment stands on. */
import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import type { Logger } from "@kloros/daemon";
import { cyclePaths } from "@kloros/experiments";
import type { Config } from "./config.ts";
import type { Job, Measured } from "./decide.ts";
import type { Turns } from "./runner/turns.ts";

export interface Workplace {
  readonly home: string;
  readonly workspace: string;
  readonly config: Config;
  readonly log: Logger;
  /** Aborted when the daemon stops: what runs is ended, and begun again at the next start. */
  readonly stopping: AbortSignal;
  /** Measurements never run side by side: they would measure each other. */
  readonly measuring: Turns;
}

/** What a step is given besides its job. */
export interface StepContext extends Workplace {
  /** Makes measurements durable, one by one. */
  saveMeasured(measured: Measured): Promise<void>;
}

/** What was learned about a deployment: the commands' outputs, the reason of a failure. */
export function deploymentFolder(home: string, job: Pick<Job, "cycle_id" | "attempt">): string {
  return join(cyclePaths(home, job.cycle_id).folder, "deployment", `attempt-${String(job.attempt)}`);
}

/** Marks the processes of this home's deployments, so that no other mesh's are ended. */
export function runLabel(home: string, job?: Pick<Job, "cycle_id">): string {
  const mesh = createHash("sha256").update(resolve(home)).digest("hex").slice(0, 12);
  return `winner-deployer:${mesh}:${job?.cycle_id ?? ""}`;
}
