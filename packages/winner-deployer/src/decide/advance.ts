/**
 * The steps of a deployment as a machine: what is done next, and what follows from how it went. Pure; `carry-out.ts`
 * acts, and makes each answer durable before the next step.
 *
 * I1 Every action can be repeated: a crash before its answer is durable leads to the same action again.
 * I2 Whatever fails before the end is undone by one action that looks at what is there, not at how far the job thought
 *    it was.
 * I3 Each job ends exactly once, as deployed or as failed (P6).
 */
import type { FailedStep } from "./failures.ts";
import type { Before, EndedJob, Job, Measured, Result, Step, Subject } from "./job.ts";

export type Action =
  "stage" | "validate" | "measure" | "install" | "switch" | "probation" | "conclude" | "undo";

/** Done, with what the following steps have to know. */
export interface DoneStep {
  readonly kind: "done";
  readonly learned?: { readonly winner_id: string; readonly before: Before };
  readonly measured?: Measured;
}

export type Outcome = DoneStep | FailedStep | { readonly kind: "ended"; readonly result: Result };

const ACTIONS: Readonly<Record<Step, Action>> = {
  queued: "stage",
  staged: "validate",
  validated: "measure",
  measured: "install",
  installed: "switch",
  switched: "probation",
  proved: "conclude",
  undoing: "undo",
};

const NEXT: Readonly<Record<Step, Step>> = {
  queued: "staged",
  staged: "validated",
  validated: "measured",
  measured: "installed",
  installed: "switched",
  switched: "proved",
  proved: "proved",
  undoing: "undoing",
};

export function actionOf(job: Job): Action {
  return ACTIONS[job.step];
}

/** The job after an action, or its end. */
export function advance(job: Job, outcome: Outcome): Job | EndedJob {
  switch (outcome.kind) {
    case "done":
      return {
        ...job,
        ...outcome.learned,
        measured: outcome.measured ?? job.measured,
        step: NEXT[job.step],
      };
    case "failed":
      return {
        ...job, // I2
        step: "undoing",
        failure: job.failure ?? outcome.failure,
        failed_at: job.failed_at ?? job.step,
      };
    case "ended":
      return { job: subjectOf(job), result: outcome.result }; // I3
  }
}

export function subjectOf({ cycle_id, attempt, order, winner_id, experiment }: Job): Subject {
  return { cycle_id, attempt, order, winner_id, experiment };
}

export function hasEnded(next: Job | EndedJob): next is EndedJob {
  return "result" in next;
}
