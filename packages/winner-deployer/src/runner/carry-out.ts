/**
 * One deployment from where it stands to its end, under the experiment's lock.
 *
 * I1 After each action its answer is durable before the next begins; a crash between repeats the action.
 * I2 The end, its signals and the memory of it are one transaction (P3).
 */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Tx, writeFileAtomic } from "@kloros/bus";
import { cyclePaths, deployedPaths } from "@kloros/experiments";
import {
  actionOf,
  advance,
  announcementOf,
  type EndedJob,
  failed,
  hasEnded,
  type Job,
  type Outcome,
  type Result,
  rollbackIncompleteAlert,
  rollbackMendedNotice,
  subjectOf,
} from "../decide.ts";
import { deploymentFolder, type StepContext, type Workplace } from "../workplace.ts";
import { act } from "./act.ts";
import { lockForJob, lockPath } from "./experiment-lock.ts";
import type { Office } from "./office.ts";

/** State key: an experiment about which an alert was raised. */
const ALERTED = "alerted:";

/** Resolves with the end. @throws the reason of `stopping` when the daemon stops first: the next start goes on */
export async function carryOut(begun: Job, office: Office): Promise<EndedJob> {
  const { place } = office;
  const lock = await lockForJob(begun, place);
  if (lock === null) return giveUpUnbegun(begun, office);
  try {
    for (let job = begun; ;) {
      const outcome = await act(actionOf(job), job, contextFor(job, office));
      if (outcome.kind === "failed") await writeDiagnosis(job, outcome, place);
      const next = advance(job, outcome);
      if (hasEnded(next)) return await end(next, job, office);
      await office.commit((tx) => office.book.put(tx, withAskers(next, tx, office)));
      job = next;
    }
  } finally {
    lock.release();
  }
}

async function giveUpUnbegun(job: Job, office: Office): Promise<EndedJob> {
  const path = lockPath(office.place.home, job.experiment);
  const { failure } = failed("Locked", `another process holds ${path}; see which with: fuser ${path}`);
  const result: Result = { kind: "failed", failure, rollback_completed: true };
  return end({ job: subjectOf(job), result }, job, office);
}

function contextFor(job: Job, office: Office): StepContext {
  return {
    ...office.place,
    saveMeasured: async (measured) =>
      office.commit((tx) => office.book.put(tx, withAskers({ ...job, measured }, tx, office))),
  };
}

/** Others may have asked for it meanwhile. */
function withAskers(job: Job, tx: Tx, { book }: Office): Job {
  return { ...job, askers: book.job(job.cycle_id, tx.state)?.askers ?? job.askers };
}

/** I2 */
async function end(ended: EndedJob, job: Job, office: Office): Promise<EndedJob> {
  const { result } = ended;
  await office.commit((tx) => {
    const { askers } = withAskers(job, tx, office);
    office.book.end(tx, ended);
    if (result.kind === "reverted") return;
    const folder = deployedPaths(office.place.home, job.experiment).version(job.cycle_id);
    const { signal, facts } = announcementOf(ended.job, result, folder);
    for (const { id, correlation_id } of askers) tx.emit(signal, facts, { causation_id: id, correlation_id });
    alert(tx, job.experiment, result);
  });
  return ended;
}

/** One alert when a rollback is incomplete, one when a later deployment has mended it. */
function alert(tx: Tx, experiment: string, result: Exclude<Result, { kind: "reverted" }>): void {
  const isAlerted = tx.state.get(ALERTED + experiment) !== undefined;
  if (result.kind === "failed" && result.failure.error_type === "RollbackIncomplete" && !isAlerted) {
    tx.state.put(ALERTED + experiment, true);
    tx.emit("Q_HEALTH_ALERT", rollbackIncompleteAlert(experiment, result.failure.error_message));
  }
  if (result.kind === "deployed" && isAlerted) {
    tx.state.delete(ALERTED + experiment);
    tx.emit("Q_HEALTH_ALERT", rollbackMendedNotice(experiment, "a whole version is in place again"));
  }
}

/** For people; that it cannot be written changes nothing. A cycle that is not there, or not any more, gets no folder by it. */
async function writeDiagnosis(
  job: Job,
  outcome: Extract<Outcome, { kind: "failed" }>,
  { home, log }: Workplace,
): Promise<void> {
  const folder = deploymentFolder(home, job);
  const record = { step: actionOf(job), ...outcome.failure, ...outcome.diagnosis, measured: job.measured };
  if (!existsSync(cyclePaths(home, job.cycle_id).folder)) return;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFileAtomic(join(folder, "failure.json"), `${JSON.stringify(record, null, 2)}\n`);
  } catch (err) {
    log.warn({ err, folder }, "Diagnosis of a failed deployment could not be written");
  }
}
