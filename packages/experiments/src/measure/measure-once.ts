/**
 * Runs an evaluator once. It gets the parameters as one JSON object on standard input, `KLOROS_SEED`, `KLOROS_ARTIFACT`, `KLOROS_WORK`
 * (its working folder) and `KLOROS_CANDIDATE` in its environment, and answers with exit code 0 and `{"fitness": number, "metrics"?: {…}}`
 * as the last line of its output. Everything else is a failure with its kind, and never a number.
 */
import { type BoundedOutcome, type BoundedUsage, runBounded } from "@kloros/bounded-process";
import type { FailureKind } from "../cycle/candidate.ts";
import type { Evaluator } from "../dream-file/dream-file.ts";
import { type Placeholders, tryFillCommand } from "../placeholders.ts";
import type { Params } from "../search-space/search-space.ts";
import { shippedExperimentsFolder } from "../shipped-folder.ts";
import { endingSentence, failureKind } from "./ending.ts";
import { readResult } from "./read-result.ts";
import { stderrTail } from "./stderr-tail.ts";

export interface MeasureRequest {
  readonly evaluator: Evaluator;
  readonly params: Params;
  /** Absolute. */
  readonly artifactPath: string;
  /** Working folder, absolute; must exist. */
  readonly workDir: string;
  /** `node`, `experiments`, `work`, `artifact`, `seed` are filled in where they are left out. */
  readonly placeholders: Placeholders;
  /** 0 to 2^31-1. */
  readonly seed: number;
  /** Of the evaluator's processes. @see BoundedRun.label */
  readonly label: string;
  readonly signal?: AbortSignal;
  /** When everything ends, on the clock of `performance.now()`, in milliseconds: never a time of day. */
  readonly deadlineMs?: number;
}

export type Measurement =
  | {
      readonly kind: "ok";
      readonly fitness: number;
      readonly metrics: Readonly<Record<string, unknown>>;
      readonly usage: BoundedUsage;
    }
  | {
      readonly kind: "failed";
      readonly type: FailureKind;
      readonly message: string;
      /** The end of what it complained about; empty where it did not. */
      readonly stderr_tail: string;
      readonly usage: BoundedUsage;
    };

const NOTHING_USED: BoundedUsage = { durationMs: 0, cpuSeconds: 0, peakMemoryBytes: 0 };

/**
 * Runs the evaluator once. A success that comes after the evaluator's time, or after the deadline, is a failure.
 * @throws the reason of `signal` when that is aborted
 */
export async function measureOnce(request: MeasureRequest): Promise<Measurement> {
  request.signal?.throwIfAborted();
  const { evaluator, deadlineMs = Infinity } = request;
  const restMs = deadlineMs - performance.now();
  if (restMs <= 0) return outOfTime("the time was up before it could start", NOTHING_USED, "");
  const timeoutMs = evaluator.timeout_s * 1_000;
  const command = tryFillCommand(evaluator.command, placeholdersOf(request));
  if (typeof command === "string") return failed("CannotStart", command, NOTHING_USED, "");
  const outcome = await runBounded({
    command,
    cwd: request.workDir,
    env: {
      KLOROS_SEED: String(request.seed),
      KLOROS_ARTIFACT: request.artifactPath,
      KLOROS_WORK: request.workDir,
      KLOROS_CANDIDATE: request.placeholders.candidate_id ?? "",
    },
    stdin: `${JSON.stringify(request.params)}\n`,
    timeoutMs: Math.min(timeoutMs, restMs),
    cpuSeconds: evaluator.limits.cpu_s,
    memoryBytes: evaluator.limits.memory_bytes,
    outputBytes: evaluator.limits.output_bytes,
    label: request.label,
    ...(request.signal && { signal: request.signal }),
  });
  request.signal?.throwIfAborted();
  return readOutcome(outcome, timeoutMs, restMs);
}

function readOutcome(outcome: BoundedOutcome, timeoutMs: number, restMs: number): Measurement {
  const { durationMs, cpuSeconds, peakMemoryBytes } = outcome;
  const usage = { durationMs, cpuSeconds, peakMemoryBytes };
  const stderr_tail = stderrTail(outcome.stderr);
  const isLate = outcome.kind === "timeout" || durationMs > Math.min(timeoutMs, restMs);
  if (isLate && restMs < timeoutMs) return outOfTime("the time was up while it ran", usage, stderr_tail);
  if (isLate && outcome.kind !== "timeout") {
    const message = `the evaluator took ${Math.round(durationMs)} ms; at most ${timeoutMs} ms`;
    return failed("Timeout", message, usage, stderr_tail);
  }
  if (outcome.kind !== "exited" || outcome.code !== 0) {
    const message = endingSentence("the evaluator", outcome);
    return failed(failureKind(outcome), message, usage, stderr_tail);
  }
  const reading = readResult(outcome.stdout);
  return reading.kind === "ok" ? { ...reading, usage } : { ...reading, stderr_tail, usage };
}

function placeholdersOf(request: MeasureRequest): Placeholders {
  return {
    node: process.execPath,
    experiments: shippedExperimentsFolder(),
    work: request.workDir,
    artifact: request.artifactPath,
    seed: String(request.seed),
    ...request.placeholders,
  };
}

function outOfTime(message: string, usage: BoundedUsage, stderr_tail: string): Measurement {
  return failed("OutOfTime", message, usage, stderr_tail);
}

function failed(type: FailureKind, message: string, usage: BoundedUsage, stderr_tail: string): Measurement {
  return { kind: "failed", type, message, stderr_tail, usage };
}
