/**
 * Carries out `Q_DAEMON_RESTART_REQUESTED`, without any privilege: asks `kloros up`, or the daemon itself (its supervisor starts
 * it again), or ends the process that does not answer. Also for the monitor itself.
 *
 * P3 A request becomes a job in the transaction of its signal; its end and its answer are one transaction. What lies between is
 *    decided by how things stand (`next-step.ts`), so a monitor that is killed goes on where things are.
 * P5 A daemon is restarted a bounded number of times in an hour, whoever asks.
 */
import type { Envelope, HandlerTx, Node } from "@kloros/bus";
import { type DaemonContext, didYouMean, type Logger } from "@kloros/daemon";
import type { Config } from "../config.ts";
import type { SignalObservers } from "../observers.ts";
import { MeshView } from "../supervision/mesh-view.ts";
import { answerFailed } from "./answers.ts";
import { Course, type CourseOptions } from "./course.ts";
import { keepJob, type RestartJob, storedJobs } from "./job-store.ts";
import type { Failure } from "./next-step.ts";

/** The contract waits 120 s for an answer. */
const GIVE_UP_MS = 100_000;
/** A request that is heard later than this is about a trouble that is no longer so, in milliseconds. */
const MAX_AGE_MS = 600_000;

export class Restarts {
  readonly #node: Node;
  readonly #log: Logger;
  readonly #course: CourseOptions;
  readonly #stopping = new AbortController();
  /** Under way, by daemon: one after the other. */
  readonly #running = new Map<string, Promise<void>>();
  #restarted = 0;
  #failed = 0;

  constructor({ node, config, home, log }: DaemonContext<Config>) {
    this.#node = node;
    this.#log = log;
    this.#course = {
      node,
      log,
      view: new MeshView(home),
      patience: { patienceMs: config.restart_patience, giveUpMs: GIVE_UP_MS },
      maxPerHour: config.max_restarts_per_hour,
      signal: this.#stopping.signal,
    };
  }

  observe(observers: SignalObservers): void {
    observers.observe("Q_DAEMON_RESTART_REQUESTED", (signal, tx) => this.#onRequested(signal, tx));
  }

  /** Takes up what the process before did not finish. */
  start(): void {
    for (const job of storedJobs(this.#node.state)) this.#enqueue(job);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running.values());
  }

  health(): Record<string, unknown> {
    return { under_way: [...this.#running.keys()], restarted: this.#restarted, failed: this.#failed };
  }

  #onRequested(signal: Envelope<"Q_DAEMON_RESTART_REQUESTED">, tx: HandlerTx): void {
    const job = jobOf(signal);
    const failure = this.#refusal(job);
    if (failure === null) {
      keepJob(tx.state, job);
      tx.afterCommit(() => this.#enqueue(job));
      return;
    }
    answerFailed(tx, job, failure);
    tx.afterCommit(() => {
      this.#failed++;
      this.#log.warn({ target: job.daemon, ...failure }, "Daemon not restarted");
    });
  }

  #refusal({ daemon, requestedMs }: RestartJob): Failure | null {
    const names = this.#node.contracts.daemons.map(({ name }) => name);
    if (!names.includes(daemon)) {
      const meant = didYouMean(daemon, names);
      const hint = meant === undefined ? `there are ${names.join(", ")}` : `did you mean ${meant}?`;
      return { error_type: "UnknownDaemon", error_message: `no daemon is called ${daemon}; ${hint}` };
    }
    const ageMs = Date.now() - requestedMs;
    if (ageMs <= MAX_AGE_MS) return null;
    const minutes = Math.round(ageMs / 60_000);
    return { error_type: "TooLate", error_message: `the request was heard ${minutes} min after it was made` };
  }

  #enqueue(job: RestartJob): void {
    if (this.#stopping.signal.aborted) return; // It is kept, and taken up by the next process.
    const before = this.#running.get(job.daemon) ?? Promise.resolve();
    const running = before.then(async () => {
      const outcome = await new Course(this.#course, job).run();
      if (outcome === "restarted") this.#restarted++;
      if (outcome === "failed") this.#failed++;
      if (this.#running.get(job.daemon) === running) this.#running.delete(job.daemon);
    });
    this.#running.set(job.daemon, running);
  }
}

function jobOf({ id, correlation_id, timestamp, facts }: Envelope<"Q_DAEMON_RESTART_REQUESTED">): RestartJob {
  const requestedMs = Date.parse(timestamp);
  const seenMs = facts.seen_at === undefined ? Number.NaN : Date.parse(facts.seen_at);
  return {
    request_id: id,
    correlation_id,
    daemon: facts.daemon,
    requestedMs,
    wantedMs: Number.isNaN(seenMs) ? requestedMs : Math.min(seenMs, requestedMs),
    before: null,
    told: null,
  };
}
