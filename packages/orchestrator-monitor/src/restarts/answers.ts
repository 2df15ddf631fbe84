/** How a restart is answered: its job ends in the transaction that says so (P3). */
import type { Tx } from "@kloros/bus";
import { dropJob, type RestartJob } from "./job-store.ts";
import type { Failure, Method } from "./next-step.ts";

export function answerDone(tx: Tx, job: RestartJob, method: Method | "already", pid: number): void {
  const took_seconds = Math.max(0, Math.round(Date.now() - job.requestedMs) / 1_000);
  dropJob(tx.state, job);
  tx.emit(
    "Q_DAEMON_RESTARTED",
    { daemon: job.daemon, method, pid_before: job.before?.pid ?? null, pid, took_seconds },
    causedBy(job),
  );
}

export function answerFailed(tx: Tx, job: RestartJob, failure: Failure): void {
  dropJob(tx.state, job);
  tx.emit("Q_DAEMON_RESTART_FAILED", { daemon: job.daemon, ...failure }, causedBy(job));
}

function causedBy({ request_id, correlation_id }: RestartJob): {
  correlation_id: string;
  causation_id: string;
} {
  return { correlation_id, causation_id: request_id };
}
