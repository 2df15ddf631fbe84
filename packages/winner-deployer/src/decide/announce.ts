/** What is said of a deployment that has ended. Pure. */
import type { Facts } from "@kloros/bus";
import { FAILURES, type Failure } from "./failures.ts";
import type { Result, Subject } from "./job.ts";

export type Announcement =
  | { readonly signal: "Q_WINNER_DEPLOYED"; readonly facts: Facts<"Q_WINNER_DEPLOYED"> }
  | { readonly signal: "Q_DEPLOYMENT_FAILED"; readonly facts: Facts<"Q_DEPLOYMENT_FAILED"> };

/** Longest message in a signal, in characters; what a command printed has no limit of its own. */
const MAX_MESSAGE_CHARACTERS = 4_000;

/** @param folder absolute path of the version's folder */
export function announcementOf(
  job: Subject,
  result: Exclude<Result, { kind: "reverted" }>,
  folder: string,
): Announcement {
  if (result.kind === "failed") return failure(job, result.failure, result.rollback_completed);
  const { previous_version_id, fitness, rollback_available } = result;
  return {
    signal: "Q_WINNER_DEPLOYED",
    facts: {
      winner_id: job.winner_id,
      deployment_path: folder,
      backup_created: previous_version_id !== null,
      rollback_available,
      cycle_id: job.cycle_id,
      ...(job.experiment === null ? {} : { experiment: job.experiment }),
      version_id: job.cycle_id,
      previous_version_id,
      ...(fitness === null ? {} : { fitness }),
    },
  };
}

export function failure(
  about: Pick<Subject, "cycle_id" | "winner_id" | "experiment">,
  { error_type, error_message }: Failure,
  rollback_completed: boolean,
): Announcement {
  return {
    signal: "Q_DEPLOYMENT_FAILED",
    facts: {
      winner_id: about.winner_id,
      error_type,
      error_message: cut(error_message),
      rollback_completed,
      cycle_id: about.cycle_id,
      ...(about.experiment === null ? {} : { experiment: about.experiment }),
      retry_possible: FAILURES[error_type],
    },
  };
}

export function rollbackIncompleteAlert(subject: string, message: string): Facts<"Q_HEALTH_ALERT"> {
  return {
    alert_type: "rollback_incomplete",
    severity: "critical",
    metric_value: "1 version",
    threshold: "0 versions",
    recommended_action: "restore_deployed_version",
    subject,
    message: cut(message),
  };
}

export function rollbackMendedNotice(subject: string, message: string): Facts<"Q_HEALTH_ALERT"> {
  return { ...rollbackIncompleteAlert(subject, message), severity: "info", metric_value: "0 versions" };
}

function cut(text: string): string {
  return text.length > MAX_MESSAGE_CHARACTERS ? `${text.slice(0, MAX_MESSAGE_CHARACTERS - 1)}…` : text;
}
