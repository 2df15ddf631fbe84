/** The three ways to take failures: collected, warned of, or the first one thrown at once. */
import type { DaemonFailure } from "../errors.ts";
import type { ErrorMode } from "../request-options.ts";
import type { GivenResult } from "./merge-results.ts";
import { type Outcome, sortResults } from "./outcome.ts";

export interface ResultsAndErrors<Result> {
  readonly results: readonly Result[];
  readonly errors: readonly DaemonFailure[];
}

/** @throws the first failure, as soon as it is there, when the mode is `fail_fast` */
export async function withErrors(
  event: string,
  asked: readonly Promise<Outcome>[],
  mode: ErrorMode,
  onWarning: (failure: DaemonFailure) => void,
): Promise<ResultsAndErrors<GivenResult>> {
  const watched = mode === "fail_fast" ? asked.map((outcome) => unlessFailed(event, outcome)) : asked;
  const { results, failures } = sortResults(event, await Promise.all(watched));
  if (mode === "warn") for (const failure of failures) onWarning(failure);
  return { results, errors: failures };
}

async function unlessFailed(event: string, asked: Promise<Outcome>): Promise<Outcome> {
  const outcome = await asked;
  const [first] = sortResults(event, [outcome]).failures;
  if (first) throw first.error;
  return outcome;
}

/** Tells it where Node tells its own warnings. */
export function warnProcess({ daemon, error }: DaemonFailure): void {
  process.emitWarning(`${daemon}: ${error.message}`, { type: error.name, code: error.code });
}
