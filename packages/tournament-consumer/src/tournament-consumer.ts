/**
 * The shell: requests in, outcomes out. A handler only writes the job down (P3); the runner carries it out.
 *
 * P6 Each request ends as one `Q_TOURNAMENT_COMPLETE` or `Q_TOURNAMENT_FAILED`; a repetition of one that is over gets its outcome
 *    again, one of a tournament that is under way changes nothing.
 */
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import type { Envelope, HandlerTx } from "@kloros/bus";
import { ControlRequestError, type DaemonContext, type DaemonParts } from "@kloros/daemon";
import type { Config } from "./config.ts";
import { admit } from "./decide.ts";
import { DiskSpace } from "./evaluation/disk-space.ts";
import { Slots } from "./evaluation/slots.ts";
import { storeDeadline, storeNow } from "./jobs/deadline.ts";
import { enqueue, findDone, findJob, listJobs } from "./jobs/job-store.ts";
import type { Outcome } from "./jobs/job.ts";
import { machineTime } from "./jobs/machine-time.ts";
import { TournamentRunner } from "./tournament-runner.ts";

/** Registers the handler; jobs begin with the node. */
export function tournamentConsumer(context: DaemonContext<Config>): DaemonParts {
  const { node, config, home, workspace, log } = context;
  const space = new DiskSpace(home, config.min_free, log);
  const runner = new TournamentRunner({
    node,
    log,
    arena: {
      home,
      workspace,
      labelPrefix: labelPrefix(home),
      maxConcurrency: config.max_concurrency,
      keepsWork: config.keep_work,
      slots: new Slots(config.max_concurrency),
      space,
      machineTime,
    },
    maxWaiting: config.max_waiting,
    rememberedOutcomes: config.remembered_outcomes,
  });

  node.on("Q_TOURNAMENT_REQUESTED", (signal, tx) => onTournamentRequested(context, runner, signal, tx));

  const waiting = () => listJobs(node.state, config.max_waiting).length - runner.held.length;
  return {
    start: () => runner.start(),
    stop: () => runner.stop(),
    statusLine: () =>
      `${space.isWaiting ? "waiting for disk space; " : ""}held ${runner.held.length}, waiting ${waiting()}, ` +
      `completed ${runner.counts.completed}, failed ${runner.counts.failed}`,
    health: () => ({
      ...runner.counts,
      held: runner.held.length,
      waiting: waiting(),
      waits_for_space: space.isWaiting,
    }),
    control: controlOf(runner),
  };
}

function onTournamentRequested(
  { config, log }: DaemonContext<Config>,
  runner: TournamentRunner,
  signal: Envelope<"Q_TOURNAMENT_REQUESTED">,
  tx: HandlerTx,
): void {
  const { facts: request } = signal;
  const known = () => ({
    job: findJob(tx.state, request.tournament_id),
    done: findDone(tx.state, request.tournament_id),
    waiting: listJobs(tx.state, config.max_waiting).length,
  });
  const admission = admit(request, known, { maxWaiting: config.max_waiting });
  const fields = { tournament_id: request.tournament_id };
  switch (admission.kind) {
    case "refuse":
      log.warn({ ...fields, ...admission.outcome.facts }, "Tournament refused");
      return emitOutcome(tx, admission.outcome);
    case "repeat":
      log.info(fields, "Tournament is over; its outcome is told again");
      return emitOutcome(tx, admission.outcome);
    case "known":
      log.info(fields, "Tournament is under way already");
      return;
    case "enqueue": {
      const now = machineTime();
      enqueue(tx.state, {
        request,
        asked_by: signal.id,
        correlation_id: signal.correlation_id,
        deadline:
          request.deadline_at === undefined
            ? null
            : storeDeadline(request.deadline_at, signal.timestamp, now),
        asked: storeNow(now),
        is_prepared: !admission.isAnew,
      });
      tx.afterCommit(() => runner.look());
    }
  }
}

function controlOf(runner: TournamentRunner): NonNullable<DaemonParts["control"]> {
  return {
    "tournament:status": {
      summary: "Tournaments that run or wait, with what each has come to.",
      parameters: { properties: {} },
      examples: [{}],
      answer: () =>
        runner.held.map(({ job, progress }) => ({
          ...progress.facts(),
          experiment: job.request.experiment,
          generation: job.request.generation,
          candidates_running: progress.running,
        })),
    },
    "tournament:cancel": {
      summary: "Ends a tournament that runs or waits; it fails as cancelled.",
      parameters: {
        properties: {
          tournament_id: { type: "string", description: "Id of a tournament; tournament:status lists them." },
        },
        required: ["tournament_id"],
      },
      examples: [{ tournament_id: "dream_20251120_093000_a1b2.g003" }],
      answer: async (data) => {
        const tournament_id = data["tournament_id"] as string;
        if (!(await runner.cancel(tournament_id)))
          throw new ControlRequestError(`no tournament ${tournament_id} waits or runs`);
        return { tournament_id, cancelled: true };
      },
    },
  };
}

function emitOutcome(tx: HandlerTx, outcome: Outcome): void {
  if (outcome.signal === "Q_TOURNAMENT_COMPLETE") tx.emit(outcome.signal, outcome.facts);
  else tx.emit(outcome.signal, outcome.facts);
}

/** Marks processes of this home's tournaments: those of another home on the same machine are not ours to end. */
function labelPrefix(home: string): string {
  const name = createHash("sha256").update(realpathSync(home)).digest("hex").slice(0, 12);
  return `tournament:${name}:`;
}
