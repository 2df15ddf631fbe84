/**
 * Runs one program within limits. The outcome comes when nothing of it is left: neither its process group, nor children that
 * forked twice and began sessions of their own, nor those that a program with exit code 0 left running.
 *
 * The program leads a session of its own, dies with this process (`setpriv --pdeathsig`), and carries a mark in its environment,
 * by which `killLeftovers` ends at the next start what outlived a killed daemon.
 */
import { type ChildProcessByStdio, spawn, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import { closeSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import type { BoundedOutcome, BoundedRun, BoundedUsage } from "./bounded-run.ts";
import { captureOutput } from "./capture-output.ts";
import { endRun, killGroup } from "./end-run.ts";
import { newMark, runEnvironment } from "./environment.ts";
import { findProgram } from "./find-program.ts";
import { waitedForCpuSeconds } from "./process-files.ts";
import { RunCensus } from "./run-census.ts";
import { openStandardInput } from "./standard-input.ts";
import { watchLimits } from "./watch-limits.ts";
import { wrapperComplaint, wrapperWords } from "./wrapper.ts";

const DEFAULT_OUTPUT_BYTES = 1024 * 1024;
/** Longest wait for pipes of a dead run to be read to their end, in milliseconds: somebody who cleared its mark may hold them. */
const PIPE_END_MS = 1_000;
/** The longest that a timer can wait, in milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

type Child = ChildProcessByStdio<Writable | null, Readable, Readable>;
type StopKind = "timeout" | "cpu-limit" | "memory-limit" | "output-limit" | "aborted";
type Ending =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "signalled"; readonly signal: string };

const census = new RunCensus();
/** CPU time of ended runs as far as it has been given to one of them. */
let givenCpuSeconds = 0;

/**
 * Runs the program and waits until it, and all it started, have ended. Never rejects for what a program does; a program that cannot
 * be started is the outcome `cannot-start`, with a message that says why. CPU time is exact to 10 ms; the peak of memory is that
 * of the looks at it (0 for a run that was over before the first, and for runs without limits of CPU and memory).
 */
export async function runBounded(run: BoundedRun): Promise<BoundedOutcome> {
  if (run.signal?.aborted) return { kind: "aborted", ...NOTHING_USED, stdout: "", stderr: "" };
  const mark = newMark(run.label);
  const env = runEnvironment(run.env ?? {}, mark);
  const found = findProgram(run.command[0], run.cwd, env.PATH);
  if (found.kind === "unusable") return cannotStart(found.message);

  const words = [...wrapperWords(run.cpuSeconds), found.program, ...run.command.slice(1)];
  if (census.size === 0) givenCpuSeconds = waitedForCpuSeconds();
  const startedMs = performance.now();
  const stdin = run.stdin === undefined ? "ignore" : (openStandardInput(run.stdin) ?? "pipe");
  let child: Child;
  try {
    const stdio: StdioOptions = [stdin, "pipe", "pipe"];
    child = spawn(words[0]!, words.slice(1), { cwd: run.cwd, env, detached: true, stdio }) as Child;
  } catch (cause) {
    return cannotStart((cause as Error).message); // A null byte in an argument, for example.
  } finally {
    if (typeof stdin === "number") closeSync(stdin);
  }
  if (child.pid === undefined) {
    const [cause] = (await once(child, "error")) as [Error];
    return cannotStart(cause.message);
  }
  return await supervise(run, child, child.pid, mark, startedMs);
}

async function supervise(
  run: BoundedRun,
  child: Child,
  root: number,
  mark: string,
  startedMs: number,
): Promise<BoundedOutcome> {
  const entry = census.add(root, mark);
  let stopped: StopKind | undefined;
  let isOver = false;
  const stop = (kind: StopKind): void => {
    if (isOver) return;
    stopped ??= kind;
    killGroup(root);
  };
  const limitBytes = run.outputBytes ?? DEFAULT_OUTPUT_BYTES;
  const stdout = captureOutput(child.stdout, limitBytes, () => stop("output-limit"));
  const stderr = captureOutput(child.stderr, limitBytes, () => stop("output-limit"));
  child.on("error", () => undefined); // Of `kill`, which is not used; a failed spawn was told before.
  const ended = new Promise<Ending>((resolve) => {
    child.once("exit", (code, signal) =>
      resolve(code === null ? { kind: "signalled", signal: signal ?? "unknown" } : { kind: "exited", code }),
    );
  });
  const closed = once(child, "close");
  const timer = setTimeout(() => stop("timeout"), Math.min(run.timeoutMs, LONGEST_TIMER_MS));
  const unwatch = watchLimits(census, entry, run, stop);
  const onAbort = (): void => stop("aborted");
  run.signal?.addEventListener("abort", onAbort, { once: true });
  child.stdin?.on("error", () => undefined); // The program may have closed it, or ended: its right.
  child.stdin?.end(run.stdin);

  const ending = await ended;
  const durationMs = performance.now() - startedMs;
  const reaped = takeReapedCpuSeconds();
  clearTimeout(timer);
  unwatch();
  await endRun(census, entry);
  await pipesRead(child, closed);
  isOver = true;
  run.signal?.removeEventListener("abort", onAbort);
  census.remove(entry);
  const usage = {
    durationMs,
    cpuSeconds: Math.max(entry.peakCpuSeconds, reaped),
    peakMemoryBytes: entry.peakResidentBytes,
  };
  const output = { stdout: stdout.text(), stderr: stderr.text() };
  return { ...outcomeOf(run, stopped, ending, usage, output.stderr), ...usage, ...output };
}

function outcomeOf(
  run: BoundedRun,
  stopped: StopKind | undefined,
  ending: Ending,
  usage: BoundedUsage,
  stderr: string,
) {
  if (stopped !== undefined) return { kind: stopped };
  if (ending.kind === "signalled") {
    const ranOut = run.cpuSeconds !== undefined && usage.cpuSeconds >= run.cpuSeconds;
    return ending.signal === "SIGXCPU" || (ending.signal === "SIGKILL" && ranOut)
      ? ({ kind: "cpu-limit" } as const)
      : ending;
  }
  const complaint = wrapperComplaint(ending.code, stderr);
  return complaint === undefined ? ending : ({ kind: "cannot-start", message: complaint } as const);
}

/** What is still in the pipes is read; whoever holds them open beyond the run's end is not waited for. */
async function pipesRead(child: Child, closed: Promise<unknown>): Promise<void> {
  child.stdin?.destroy();
  const patience = setTimeout(() => {
    child.stdout.destroy();
    child.stderr.destroy();
  }, PIPE_END_MS);
  await closed;
  clearTimeout(patience);
}

/** CPU time of the processes that ended since the last call; of runs that end in the same instant, the first gets all. */
function takeReapedCpuSeconds(): number {
  const total = waitedForCpuSeconds();
  const taken = total - givenCpuSeconds;
  givenCpuSeconds = total;
  return Math.max(0, Math.round(taken * 100) / 100);
}

const NOTHING_USED: BoundedUsage = { durationMs: 0, cpuSeconds: 0, peakMemoryBytes: 0 };

function cannotStart(message: string): BoundedOutcome {
  return { kind: "cannot-start", message, ...NOTHING_USED, stdout: "", stderr: "" };
}
