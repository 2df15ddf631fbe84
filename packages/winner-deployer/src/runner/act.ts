/**
 * One action, with what the disk and the unexpected do to it. The only place that decides what becomes of an error in a
 * step (P6): it passes (a full disk is waited for, within a limit), or it fails the deployment, which is then undone.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { FileError, isDiskFull } from "@kloros/bus";
import { type Action, failed, type FailureType, type Job, type Outcome } from "../decide.ts";
import type { StepContext } from "../workplace.ts";
import { hands } from "./hands.ts";

const LONGEST_PAUSE_MS = 30_000;
/** Tries to undo when it fails for another reason than a full disk; then a person has to look. */
const MAX_UNDO_TRIES = 5;

/** @throws the reason of `stopping` when the daemon stops meanwhile */
export async function act(action: Action, job: Job, context: StepContext): Promise<Outcome> {
  const { stopping, config, log } = context;
  const giveUpAt = performance.now() + config.disk_wait;
  let pauseMs = config.retry_delay;
  for (let tries = 1; ; tries++) {
    try {
      return await hands[action](job, context);
    } catch (err) {
      stopping.throwIfAborted();
      const isFull = isDiskFull(err);
      const isOver = isFull
        ? performance.now() + pauseMs > giveUpAt
        : action !== "undo" || tries >= MAX_UNDO_TRIES;
      if (isOver) return givenUp(action, job, err, context);
      log.warn({ err, cycle_id: job.cycle_id, action, pause_ms: pauseMs }, "Step is tried again");
      await sleep(pauseMs, undefined, { signal: stopping });
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }
}

function givenUp(action: Action, job: Job, err: unknown, { log }: StepContext): Outcome {
  log.error({ err, cycle_id: job.cycle_id, action }, "Step failed");
  const message = err instanceof Error ? err.message : String(err);
  if (action !== "undo") return failed(typeOf(err), `${action}: ${message}`);
  const failure = job.failure;
  const after = failure === null ? "" : ` (after ${failure.error_type}: ${failure.error_message})`;
  return {
    kind: "ended",
    result: {
      kind: "failed",
      failure: {
        error_type: "RollbackIncomplete",
        error_message: `the deployment could not be undone: ${message}${after}; look at deployed/${job.experiment} and put it right with: kloros deployments rollback`,
      },
      rollback_completed: false,
    },
  };
}

function typeOf(err: unknown): FailureType {
  if (isDiskFull(err)) return "DiskFull";
  const isSystemError =
    err instanceof Error && "code" in err && typeof err.code === "string" && /^E[A-Z]+$/u.test(err.code);
  return err instanceof FileError || isSystemError ? "FileTrouble" : "InternalError";
}
