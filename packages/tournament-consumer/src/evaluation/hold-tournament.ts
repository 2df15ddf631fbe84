/**
 * Holds one tournament: puts every candidate on trial that has no result yet, and says how it ended. It can be left at any point and
 * begun again: what has a result on disk is not measured again (P3), what has none is measured from the start.
 */
import { join } from "node:path";
import type { Candidate, CandidateResult } from "@kloros/experiments";
import { cyclePaths } from "@kloros/experiments";
import { evaluatorFor, failed, outcomeOf } from "../decide.ts";
import { type MachineTime, untilMs } from "../jobs/deadline.ts";
import type { Job, Outcome } from "../jobs/job.ts";
import type { DiskSpace } from "./disk-space.ts";
import { readEntrants } from "./entrants.ts";
import type { Progress } from "./progress.ts";
import { ResultsLog } from "./results-log.ts";
import type { Slots } from "./slots.ts";
import { Trial, type TrialSite } from "./trial.ts";
import { clearWork } from "./work-folder.ts";

export interface Arena {
  readonly home: string;
  readonly workspace: string;
  /** Begins the labels of all processes of this daemon in this home. */
  readonly labelPrefix: string;
  readonly maxConcurrency: number;
  readonly keepsWork: boolean;
  readonly slots: Slots;
  readonly space: DiskSpace;
  readonly machineTime: () => MachineTime;
}

interface Tournament {
  readonly arena: Arena;
  readonly site: TrialSite;
  readonly results: ResultsLog;
  readonly progress: Progress;
}

/**
 * Says how the tournament ended. `prepared`: called once, when results of an earlier, failed life are put away.
 * @throws the reason of `signal` when it is aborted; errors of the file system that are not for want of space
 */
export async function holdTournament(
  arena: Arena,
  job: Job,
  progress: Progress,
  signal: AbortSignal,
  prepared: () => Promise<void>,
): Promise<Outcome> {
  const { request } = job;
  const entrants = await readEntrants(arena.home, request);
  if (entrants.kind === "refused") return failed(request, "InvalidRequest", entrants.message);
  const { cycle, candidates, resultsPath } = entrants;
  const path = join(arena.home, resultsPath);
  if (!job.is_prepared) {
    await ResultsLog.remove(path);
    await prepared();
  }
  const ids = new Set(candidates.map(({ candidate_id }) => candidate_id));
  let results = await ResultsLog.open(path, ids);
  const isInTurns = request.purpose === "confirm";
  if (isInTurns && results.results.size < ids.size) {
    // Measured in turns or not at all: a side that is alone by now would have been measured in another hour.
    await ResultsLog.remove(path);
    results = await ResultsLog.open(path, ids);
  }
  const { target_direction: direction } = cycle.experiment.metrics;
  progress.resume(results.results.values(), direction);
  const evaluator = evaluatorFor(cycle.experiment.evaluator, request);
  const restMs = job.deadline ? untilMs(job.deadline, arena.machineTime()) : Infinity;
  const site: TrialSite = {
    home: arena.home,
    workspace: arena.workspace,
    cycle,
    evaluator,
    label: `${arena.labelPrefix}${request.tournament_id}`,
    deadlineMs: performance.now() + restMs,
    signal,
  };
  const tournament = { arena, site, results, progress };
  const open = candidates.filter(({ candidate_id }) => !results.results.has(candidate_id));
  try {
    await clearFinished(tournament, candidates);
    if (isInTurns) await measureInTurns(tournament, open);
    else await measureSideBySide(tournament, open, request.max_concurrency ?? 1);
  } finally {
    await results.close();
  }
  const durationSeconds = -untilMs(job.asked, arena.machineTime()) / 1_000;
  return outcomeOf({
    request,
    candidates,
    results: results.results,
    direction,
    resultsPath,
    durationSeconds,
  });
}

/** As many at once as the request, the settings and the other tournaments allow. */
async function measureSideBySide(
  tournament: Tournament,
  open: readonly Candidate[],
  wanted: number,
): Promise<void> {
  const { arena, site } = tournament;
  const queue = open.values(); // Shared: each worker takes the next.
  let isBroken = false;
  const worker = async (): Promise<void> => {
    for (const candidate of queue) {
      if (isBroken) return;
      try {
        const result = await arena.slots.hold(() =>
          believed(tournament, [candidate], (trials) => alone(trials, site)),
        );
        await record(tournament, result);
      } catch (cause) {
        isBroken = true;
        throw cause;
      }
    }
  };
  const workers = Math.min(wanted, arena.maxConcurrency, open.length);
  await allOrFirstError(Array.from({ length: workers }, worker));
}

/** A B, B A, A B, …: what drifts on the machine meanwhile meets both sides alike. The results are written together. */
async function measureInTurns(tournament: Tournament, sides: readonly Candidate[]): Promise<void> {
  if (sides.length === 0) return;
  const { arena, site } = tournament;
  const results = await arena.slots.hold(() =>
    believed(tournament, sides, (trials) => inTurns(trials, site)),
  );
  await record(tournament, results);
}

async function alone(trials: readonly Trial[], site: TrialSite): Promise<void> {
  for (const trial of trials) {
    for (let n = 0; n < site.evaluator.repeats && trial.goesOn; n++) await trial.measure(n);
  }
}

async function inTurns(trials: readonly Trial[], site: TrialSite): Promise<void> {
  for (let round = 0; round < site.evaluator.repeats; round++) {
    const order = round % 2 === 0 ? trials : [...trials].reverse();
    for (const trial of order) if (trial.goesOn) await trial.measure(round);
  }
}

/** Puts candidates on trial; once more, from the start, when one failed while there was no space on the disk. */
async function believed(
  { arena, site, progress }: Tournament,
  candidates: readonly Candidate[],
  measure: (trials: readonly Trial[]) => Promise<void>,
): Promise<CandidateResult[]> {
  for (;;) {
    await arena.space.wait(site.signal);
    site.signal.throwIfAborted();
    for (const { candidate_id } of candidates) progress.started(candidate_id);
    try {
      const results = await arena.space.whenThereIsSpace(async () => {
        const trials: Trial[] = [];
        for (const candidate of candidates) trials.push(await Trial.begin(site, candidate));
        await measure(trials);
        return trials.map((trial) => trial.result());
      }, site.signal);
      const isDoubtful = results.some(
        ({ status, error }) => status === "failed" && error.type !== "OutOfTime",
      );
      if (!isDoubtful || !(await arena.space.isTight())) return results;
    } finally {
      for (const { candidate_id } of candidates) progress.stopped(candidate_id);
    }
  }
}

async function record(tournament: Tournament, finished: readonly CandidateResult[]): Promise<void> {
  const { arena, site, results, progress } = tournament;
  await arena.space.whenThereIsSpace(
    () => allOrFirstError(finished.map((result) => results.append(result))),
    site.signal,
  );
  for (const result of finished) {
    progress.finished(result);
    await clear(tournament, result);
  }
}

/** A life that was killed between a result and the removal of its folder. */
async function clearFinished(tournament: Tournament, candidates: readonly Candidate[]): Promise<void> {
  for (const { candidate_id } of candidates) {
    const result = tournament.results.results.get(candidate_id);
    if (result) await clear(tournament, result);
  }
}

async function clear({ arena, site }: Tournament, { candidate_id, status }: CandidateResult): Promise<void> {
  if (arena.keepsWork) return;
  const { cycle_id, experiment } = site.cycle;
  await clearWork(cyclePaths(arena.home, cycle_id).work(candidate_id), experiment.artifact, status === "ok");
}

/** Waits for all, also when one fails: nothing goes on behind the back of an error. */
async function allOrFirstError(promises: readonly Promise<unknown>[]): Promise<void> {
  const settled = await Promise.allSettled(promises);
  const broken = settled.find((one) => one.status === "rejected");
  if (broken) throw broken.reason;
}
