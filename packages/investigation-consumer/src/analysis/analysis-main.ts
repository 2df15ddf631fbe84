/**
 * The process that analyses: takes one request at a time over the channel to the daemon, answers it, and ends with
 * the daemon. It holds nothing that is worth keeping, so it may be killed at any time.
 */
import type { InvestigationOutcome } from "./findings.ts";
import { investigate, type InvestigationRequest } from "./investigate.ts";

export type AnalysisReply =
  | { readonly kind: "outcome"; readonly outcome: InvestigationOutcome }
  | { readonly kind: "threw"; readonly message: string };

// Ctrl-C and systemd signal the whole group; how long an analysis may go on is the daemon's decision.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => undefined);
process.on("disconnect", () => process.exit());
process.on("message", (request: InvestigationRequest) => void answer(request));

async function answer(request: InvestigationRequest): Promise<void> {
  let reply: AnalysisReply;
  try {
    reply = { kind: "outcome", outcome: await investigate(request) };
  } catch (error) {
    reply = {
      kind: "threw",
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
  process.send?.(reply);
}
