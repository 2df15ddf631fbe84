/** Runs other people's programs within limits, and leaves nothing of them behind. */
export type { BoundedOutcome, BoundedRun, BoundedUsage } from "./bounded-run.ts";
