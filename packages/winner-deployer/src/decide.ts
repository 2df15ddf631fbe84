/** All decisions of the deployer, pure: what an ask leads to, which step follows, whether a winner is accepted, what is said. */
export { accept, middle } from "./decide/accept.ts";
export { actionOf, advance, hasEnded, subjectOf } from "./decide/advance.ts";
export type { Action, Outcome } from "./decide/advance.ts";
export { announcementOf, failure, rollbackIncompleteAlert, rollbackMendedNotice } from "./decide/announce.ts";
export { failed, FAILURES } from "./decide/failures.ts";
export type { FailedStep, Failure, FailureType } from "./decide/failures.ts";
export { intake } from "./decide/intake.ts";
export type { Ask } from "./decide/intake.ts";
export type { Before, EndedJob, Job, Measured, Result, Subject } from "./decide/job.ts";
