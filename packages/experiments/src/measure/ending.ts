/** How a program's end is told: as a kind of failure, and as a sentence. */
import type { BoundedOutcome } from "@kloros/bounded-process";
import type { FailureKind } from "../cycle/candidate.ts";

type Ending = Exclude<BoundedOutcome["kind"], "aborted">;

const KINDS: Readonly<Record<Ending, FailureKind>> = {
  exited: "NonZeroExit",
  signalled: "Signalled",
  timeout: "Timeout",
  "cpu-limit": "CpuLimit",
  "memory-limit": "MemoryLimit",
  "output-limit": "OutputLimit",
  "cannot-start": "CannotStart",
};

/** The kind of failure that an end without success is. */
export function failureKind(outcome: BoundedOutcome): FailureKind {
  return outcome.kind === "aborted" ? "OutOfTime" : KINDS[outcome.kind];
}

/** What became of `who` (such as "the evaluator"), in words. */
export function endingSentence(who: string, outcome: BoundedOutcome): string {
  switch (outcome.kind) {
    case "exited":
      return `${who} ended with exit code ${outcome.code}`;
    case "signalled":
      return `${who} was ended by ${outcome.signal}`;
    case "timeout":
      return `${who} ran longer than it may (${Math.round(outcome.durationMs)} ms) and was killed`;
    case "cpu-limit":
      return `${who} used more CPU time than it may (${outcome.cpuSeconds} s) and was killed`;
    case "memory-limit":
      return `${who} used more memory than it may (${outcome.peakMemoryBytes} bytes) and was killed`;
    case "output-limit":
      return `${who} printed more than it may and was killed`;
    case "aborted":
      return `${who} was stopped`;
    case "cannot-start":
      return `${who} cannot be started: ${outcome.message}`;
  }
}
