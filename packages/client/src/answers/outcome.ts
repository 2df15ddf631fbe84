/** What became of one request to one daemon, and the two ways to look at several of them. */
import { KlorosError } from "@kloros/bus/error";
import { ClientClosedError, type DaemonFailure, EventError, RequestUnsendableError } from "../errors.ts";
import type { GivenResult } from "./merge-results.ts";
import { failureOf, resultsOf } from "./results.ts";

export type Outcome =
  | { readonly kind: "answered"; readonly daemon: string; readonly data: unknown }
  | { readonly kind: "failed"; readonly daemon: string; readonly error: KlorosError };

/** Settles a request as an outcome. Mistakes of the caller and aborts are not outcomes: they reject. */
export async function outcomeOf(daemon: string, answer: Promise<unknown>): Promise<Outcome> {
  try {
    return { kind: "answered", daemon, data: await answer };
  } catch (error) {
    const isCallers = error instanceof ClientClosedError || error instanceof RequestUnsendableError;
    if (isCallers || !(error instanceof KlorosError)) throw error;
    return { kind: "failed", daemon, error };
  }
}

export interface Sorted {
  readonly results: readonly GivenResult[];
  readonly failures: readonly DaemonFailure[];
}

/** All results of what was answered, in order; the failures apart. */
export function sortOutcomes(outcomes: readonly Outcome[]): Sorted {
  const results: GivenResult[] = [];
  const failures: DaemonFailure[] = [];
  for (const outcome of outcomes) {
    const { daemon } = outcome;
    if (outcome.kind === "failed") failures.push({ daemon, error: outcome.error });
    else for (const result of resultsOf(outcome.data)) results.push({ daemon, result });
  }
  return { results, failures };
}

/** As `sortOutcomes`; results that stand for a failure (a member `error`) are failures too. */
export function sortResults(event: string, outcomes: readonly Outcome[]): Sorted {
  const { results, failures } = sortOutcomes(outcomes);
  const good: GivenResult[] = [];
  const bad: DaemonFailure[] = [];
  for (const given of results) {
    const detail = failureOf(given.result);
    if (detail === null) good.push(given);
    else bad.push({ daemon: given.daemon, error: new EventError(event, given.daemon, detail, null) });
  }
  return { results: good, failures: [...failures, ...bad] };
}
