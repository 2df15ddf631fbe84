/**
 * Runs other people's programs within limits, and leaves nothing of them behind.
 *
 * @example
 * const outcome = await runBounded({
 *   command: ["python3", "evaluate.py"],
 *   cwd: work,
 *   stdin: JSON.stringify(params),
 *   timeoutMs: 30_000,
 *   memoryBytes: 512 * 1024 * 1024,
 *   label: `tournament:${id}`,
 * });
 * if (outcome.kind === "exited" && outcome.code === 0) use(outcome.stdout);
 */
export type { BoundedOutcome, BoundedRun, BoundedUsage } from "./bounded-run.ts";
export { runBounded } from "./run-bounded.ts";
export { killLeftovers } from "./kill-leftovers.ts";
