/** How a command ended, for the diagnosis of a failed deployment. */
import type { BoundedOutcome } from "@kloros/bounded-process";
import { stderrTail } from "@kloros/experiments";

export function told({ stdout, stderr, ...ending }: BoundedOutcome): Readonly<Record<string, unknown>> {
  return { ending, stdout_tail: stderrTail(stdout), stderr_tail: stderrTail(stderr) };
}
