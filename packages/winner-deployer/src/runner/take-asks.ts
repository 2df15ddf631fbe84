/** What was asked becomes jobs, answers, or nothing: one ask after the other, each decision durable with the ask's end. */
import type { Tx } from "@kloros/bus";
import { deployedPaths } from "@kloros/experiments";
import {
  announcementOf,
  failed,
  type Failure,
  failure as failureAnnouncement,
  intake,
  type Job,
  type Subject,
} from "../decide.ts";
import type { StoredAsk } from "../jobs/stored-ask.ts";
import { type InPlace, standingOf } from "../version/standing.ts";
import { isPlainName } from "../winner/names.ts";
import { readWinner } from "../winner/read-winner.ts";
import type { Office } from "./office.ts";

/** For signals that must name a winner when nothing is known of it. */
const UNKNOWN_WINNER = "unknown";

type Learned =
  | {
      readonly kind: "learned";
      readonly experiment: string;
      readonly winner_id: string | null;
      readonly inPlace: InPlace;
    }
  | { readonly kind: "failed"; readonly failure: Failure };

/** All that was asked, also what comes meanwhile. */
export async function takeAsks(office: Office): Promise<void> {
  for (let asks = office.book.asks(); asks.length > 0; asks = office.book.asks())
    for (const ask of asks) await take(ask, office);
}

async function take(ask: StoredAsk, office: Office): Promise<void> {
  const learned = await learn(ask, office).catch((err: unknown): Learned => {
    office.place.log.warn({ err, cycle_id: ask.cycle_id }, "Asked for a deployment that cannot be looked at");
    return failed("FileTrouble", err instanceof Error ? err.message : String(err));
  });
  await office.commit((tx) => {
    office.book.decided(tx, ask);
    if (learned.kind === "failed") refuseAtOnce(tx, ask, learned.failure, office);
    else decideOn(tx, ask, learned, office);
  });
}

async function learn(ask: StoredAsk, { book, place }: Office): Promise<Learned> {
  const { cycle_id } = ask;
  if (!isPlainName(cycle_id))
    return failed(
      "WinnerUnreadable",
      `cycle_id ${JSON.stringify(cycle_id.slice(0, 100))} cannot be a folder's name`,
    );
  let experiment =
    book.job(cycle_id)?.experiment ?? ask.experiment ?? book.ended(cycle_id)?.job.experiment ?? null;
  if (experiment === null) {
    const winner = await readWinner(
      { home: place.home, maxArtifactBytes: place.config.max_artifact_bytes },
      cycle_id,
      ask.winner_path,
    );
    if (winner.kind === "failed") return winner;
    experiment = winner.record.experiment;
  }
  if (!isPlainName(experiment))
    return failed("WinnerUnreadable", `experiment ${JSON.stringify(experiment)} cannot be a folder's name`);
  const inPlace = await standingOf(deployedPaths(place.home, experiment), cycle_id);
  const winner_id = inPlace.kind === "deployed" ? inPlace.winner_id : null;
  return { kind: "learned", experiment, winner_id, inPlace };
}

function decideOn(
  tx: Tx,
  ask: StoredAsk,
  learned: Extract<Learned, { kind: "learned" }>,
  office: Office,
): void {
  const { book, place } = office;
  const { cycle_id } = ask;
  const { inPlace, experiment } = learned;
  const ended = book.ended(cycle_id, tx.state);
  // A retry too is told of damage: "deployed" is said only of what is whole.
  const asked = inPlace.kind === "damaged" ? { ...ask, isRetry: false } : ask;
  const decision = intake(asked, book.job(cycle_id, tx.state), ended, inPlace.kind === "deployed");
  switch (decision.kind) {
    case "ignore":
      place.log.info({ cycle_id, reason: decision.reason }, "Nothing to deploy");
      return;
    case "join":
      book.put(tx, decision.job);
      return;
    case "begin":
      if (book.liveCount(tx.state) >= place.config.max_queued)
        return refuseAtOnce(tx, ask, queueFull(place.config.max_queued), office);
      book.put(tx, newJob(ask, experiment, decision.attempt, book.nextOrder(tx)));
      return;
    case "answer": {
      const subject = {
        ...subjectOf(ask, experiment),
        winner_id: learned.winner_id ?? ended?.job.winner_id ?? ask.winner_id ?? UNKNOWN_WINNER,
      };
      if (decision.answer === "deployed" && inPlace.kind === "deployed") {
        const folder = deployedPaths(place.home, experiment).version(cycle_id);
        return emit(tx, ask, announcementOf(subject, inPlace.result, folder));
      }
      if (decision.answer === "deployed") return;
      const isRestored = ended?.result.kind === "failed" ? ended.result.rollback_completed : true;
      emit(tx, ask, failureAnnouncement(subject, decision.answer, isRestored));
    }
  }
}

function refuseAtOnce(tx: Tx, ask: StoredAsk, failure: Failure, { book }: Office): void {
  const subject = { ...subjectOf(ask, ask.experiment), order: book.nextOrder(tx) };
  if (
    isPlainName(ask.cycle_id) &&
    book.job(ask.cycle_id, tx.state) === undefined &&
    failure.error_type !== "QueueFull"
  )
    book.remember(tx, { job: subject, result: { kind: "failed", failure, rollback_completed: true } });
  emit(tx, ask, failureAnnouncement(subject, failure, true));
}

function emit(tx: Tx, { asker }: StoredAsk, { signal, facts }: ReturnType<typeof announcementOf>): void {
  tx.emit(signal, facts, { causation_id: asker.id, correlation_id: asker.correlation_id });
}

function subjectOf(ask: StoredAsk, experiment: string | null): Subject {
  return {
    cycle_id: ask.cycle_id,
    attempt: 1,
    order: 0,
    winner_id: ask.winner_id ?? UNKNOWN_WINNER,
    experiment,
  };
}

function newJob(ask: StoredAsk, experiment: string, attempt: number, order: number): Job {
  return {
    cycle_id: ask.cycle_id,
    attempt,
    order,
    experiment,
    winner_id: ask.winner_id ?? UNKNOWN_WINNER,
    winner_path: ask.winner_path,
    askers: [ask.asker],
    step: "queued",
    before: null,
    measured: { winner: [], running: [] },
    failure: null,
    failed_at: null,
  };
}

function queueFull(limit: number): Failure {
  return {
    error_type: "QueueFull",
    error_message: `${String(limit)} deployments wait already (max_queued); ask again when some have ended`,
  };
}
