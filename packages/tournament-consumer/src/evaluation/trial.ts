/**
 * One candidate on trial: its artifact is made, it is measured as often as asked, and what comes of it is one result. The first
 * failure ends it. A failed candidate has no fitness at all.
 */
import {
  type Candidate,
  type CandidateResult,
  type CycleRecord,
  cyclePaths,
  type Evaluator,
  type FailureKind,
  makeArtifact,
  measureOnce,
  median,
} from "@kloros/experiments";
import { measurementSeed } from "../decide.ts";
import { emptyFolder, emptyScratch } from "./work-folder.ts";

/** What all trials of a tournament share. */
export interface TrialSite {
  readonly home: string;
  readonly workspace: string;
  readonly cycle: CycleRecord;
  readonly evaluator: Evaluator;
  /** Begins the label of every process. */
  readonly label: string;
  /** When the tournament's time is up, on the clock of `performance.now()`; Infinity: never. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

interface Failure {
  readonly type: FailureKind;
  readonly message: string;
  readonly stderr_tail: string;
}

interface Measured {
  readonly fitness: number;
  readonly metrics: Readonly<Record<string, unknown>>;
}

export class Trial {
  readonly candidate: Candidate;
  readonly #site: TrialSite;
  readonly #work: string;
  readonly #startedAt = new Date();
  readonly #measured: Measured[] = [];
  #artifact: { readonly path: string; readonly sha256: string } | undefined;
  #failure: Failure | undefined;
  #durationMs = 0;
  #cpuSeconds = 0;
  #peakMemoryBytes = 0;

  private constructor(site: TrialSite, candidate: Candidate) {
    this.candidate = candidate;
    this.#site = site;
    this.#work = cyclePaths(site.home, site.cycle.cycle_id).work(candidate.candidate_id);
  }

  /** Makes the artifact. @throws {FileError} the disk refuses; the reason of the site's signal when that is aborted */
  static async begin(site: TrialSite, candidate: Candidate): Promise<Trial> {
    const trial = new Trial(site, candidate);
    if (trial.#isOutOfTime()) return trial;
    const { cycle, evaluator } = site;
    await emptyFolder(trial.#work);
    const artifact = await makeArtifact({
      spec: cycle.experiment.artifact,
      params: candidate.params,
      workDir: trial.#work,
      home: site.home,
      workspace: site.workspace,
      seed: candidate.seed,
      candidateId: candidate.candidate_id,
      cycleId: cycle.cycle_id,
      label: `${site.label}:${candidate.candidate_id}`,
      limits: evaluator.limits,
      timeoutMs: site.deadlineMs - performance.now(),
      isDurable: false,
      signal: site.signal,
    });
    if (artifact.kind === "made") trial.#artifact = artifact;
    else if (!trial.#isOutOfTime())
      trial.#fail(
        "ArtifactFailed",
        `the artifact could not be made: ${artifact.message}`,
        artifact.stderr_tail,
      );
    return trial;
  }

  /** Whether it can be measured on. */
  get goesOn(): boolean {
    return this.#failure === undefined;
  }

  /** Measures once. `measurement`: from 0, chooses the seed. @throws as `begin` does */
  async measure(measurement: number): Promise<void> {
    if (!this.goesOn || this.#isOutOfTime()) return;
    const { cycle, evaluator, deadlineMs, signal, label, home, workspace } = this.#site;
    const { candidate_id, params, seed } = this.candidate;
    const measured = await measureOnce({
      evaluator,
      params,
      artifactPath: this.#artifact!.path,
      workDir: await emptyScratch(this.#work),
      placeholders: { home, workspace, cycle_id: cycle.cycle_id, candidate_id },
      seed: measurementSeed(seed, measurement),
      label: `${label}:${candidate_id}`,
      signal,
      deadlineMs,
    });
    this.#durationMs += measured.usage.durationMs;
    this.#cpuSeconds += measured.usage.cpuSeconds;
    this.#peakMemoryBytes = Math.max(this.#peakMemoryBytes, measured.usage.peakMemoryBytes);
    if (measured.kind === "ok") this.#measured.push(measured);
    else this.#fail(measured.type, measured.message, measured.stderr_tail);
  }

  /** What came of it so far. */
  result(): CandidateResult {
    const measurements = this.#measured.map(({ fitness }) => fitness);
    const common = {
      candidate_id: this.candidate.candidate_id,
      started_at: this.#startedAt.toISOString(),
      finished_at: new Date().toISOString(),
      duration_ms: Math.round(this.#durationMs * 1_000) / 1_000,
      cpu_seconds: Math.round(this.#cpuSeconds * 100) / 100,
      peak_memory_bytes: this.#peakMemoryBytes,
      artifact_sha256: this.#artifact?.sha256 ?? null,
      measurements,
    };
    if (this.#failure)
      return { ...common, status: "failed", fitness: null, metrics: null, error: this.#failure };
    return {
      ...common,
      status: "ok",
      fitness: median(measurements),
      metrics: middle(this.#measured).metrics,
      error: null,
    };
  }

  #isOutOfTime(): boolean {
    if (this.#site.deadlineMs > performance.now()) return false;
    this.#fail("OutOfTime", "the tournament's time was up before the candidate was finished", "");
    return true;
  }

  #fail(type: FailureKind, message: string, stderr_tail: string): void {
    this.#failure ??= { type, message, stderr_tail };
  }
}

/** The measurement in the middle; of an even count, the lower one. */
function middle(measured: readonly Measured[]): Measured {
  const sorted = [...measured].sort((a, b) => a.fitness - b.fitness);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}
