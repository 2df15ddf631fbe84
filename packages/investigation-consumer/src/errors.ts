/** Errors of this daemon. What is wrong with a workspace is a finding, not an error; see analysis/findings.ts. */
import { KlorosError } from "@kloros/bus";

/** The daemon stops, or the handler's time is up, before the analysis ended: it is done again after the restart. */
export class AnalysisAbandonedError extends KlorosError {
  constructor(options?: ErrorOptions) {
    super(
      "E_ANALYSIS_ABANDONED",
      "the analysis was stopped before it ended; the signal is handled again",
      options,
    );
  }
}
