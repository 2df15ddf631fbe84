/**
 * An external mutator: a program that makes the artifact of a source file and parameters. It gets the parameters as one JSON object on
 * standard input, `KLOROS_SOURCE`, `KLOROS_ARTIFACT` (the file to write), `KLOROS_SEED`, `KLOROS_WORK` (its working folder) and
 * `KLOROS_CANDIDATE` in its environment, and ends with exit code 0. What it printed does not matter.
 */
import { lstat } from "node:fs/promises";
import { type BoundedOutcome, runBounded } from "@kloros/bounded-process";
import type { ArtifactSpec } from "../dream-file/dream-file.ts";
import { type Placeholders, tryFillCommand } from "../placeholders.ts";
import { stderrTail } from "../measure/stderr-tail.ts";
import { endingSentence } from "../measure/ending.ts";
import type { ArtifactRequest } from "./artifact-request.ts";

/** A configuration or a source file; more is no artifact of a search. */
export const MAX_ARTIFACT_BYTES = 64 * 1024 * 1024;

export type Mutated =
  | { readonly kind: "written" }
  | { readonly kind: "failed"; readonly message: string; readonly stderr_tail: string };

/** Runs the mutator; `target` is a plain file afterwards. */
export async function runMutator(
  spec: Extract<ArtifactSpec, { kind: "mutator" }>,
  request: ArtifactRequest,
  placeholders: Placeholders,
  source: string,
  target: string,
): Promise<Mutated> {
  const command = tryFillCommand(spec.command, { ...placeholders, artifact: target });
  if (typeof command === "string") return { kind: "failed", message: command, stderr_tail: "" };
  const outcome = await runBounded({
    command,
    cwd: request.workDir,
    env: {
      KLOROS_SOURCE: source,
      KLOROS_ARTIFACT: target,
      KLOROS_SEED: String(request.seed),
      KLOROS_WORK: request.workDir,
      KLOROS_CANDIDATE: request.candidateId,
    },
    stdin: JSON.stringify(request.params),
    timeoutMs: Math.min(spec.timeout_s * 1_000, request.timeoutMs ?? Infinity),
    cpuSeconds: request.limits.cpu_s,
    memoryBytes: request.limits.memory_bytes,
    outputBytes: request.limits.output_bytes,
    label: request.label,
    ...(request.signal && { signal: request.signal }),
  });
  request.signal?.throwIfAborted();
  if (outcome.kind !== "exited" || outcome.code !== 0)
    return failed(outcome, endingSentence("the mutator", outcome));
  const found = await lstat(target).catch(() => undefined);
  if (!found) return failed(outcome, "the mutator ended well and wrote no file to $KLOROS_ARTIFACT");
  if (!found.isFile())
    return failed(outcome, "the mutator left something that is no plain file at $KLOROS_ARTIFACT");
  if (found.size > MAX_ARTIFACT_BYTES)
    return failed(outcome, `the mutator wrote ${found.size} bytes; at most ${MAX_ARTIFACT_BYTES} are taken`);
  return { kind: "written" };
}

function failed(outcome: BoundedOutcome, message: string): Mutated {
  return { kind: "failed", message, stderr_tail: stderrTail(outcome.stderr) };
}
