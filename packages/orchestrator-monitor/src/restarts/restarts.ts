/**
 * Carries out `Q_DAEMON_RESTART_REQUESTED`, without any privilege: asks `kloros up`, or the daemon itself (its supervisor starts
 * it again), or ends the process that does not answer. Also for the monitor itself.
 *
 * P3 A request becomes a job in the transaction of its signal; its end and its answer are one transaction. What lies between is
 *    decided by how things stand (`next-step.ts`), so a monitor that is killed goes on where things are.
 * P5 A daemon is restarted a bounded number of times in an hour, whoever asks.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Envelope, HandlerTx, Node, Tx } from "@kloros/bus";
import { type DaemonContext, didYouMean, type Logger } from "@kloros/daemon";
import type { Config } from "../config.ts";
import type { SignalObservers } from "../observers.ts";
import { MeshView } from "../supervision/mesh-view.ts";
import { endProcess } from "./end-process.ts";
import {
  allowedAgainAt,
  countRestart,
  dropJob,
  keepJob,
  type RestartJob,
  restartsOf,
  storedJobs,
} from "./job-store.ts";
import { type Failure, nextStep, type Patience, type Scene, type Step } from "./next-step.ts";

/** The contract waits 120 s for an answer. */
const GIVE_UP_MS = 100_000;
/** A request that is heard later than this is about a trouble that is no longer so, in milliseconds. */
const MAX_AGE_MS = 600_000;
/** Between two looks at how a restart goes, in milliseconds. */
const POLL_MS = 200;
/** After a commit that failed (a full disk), in milliseconds. */
const RETRY_MS = 2_000;

interface Course {
  readonly begunAt: number;
  toldAt: number | null;
}

export class Restarts {
  readonly #node: Node;
  readonly #log: Logger;
  readonly #view: MeshView;
  readonly #patience: Patience;
  readonly #maxPerHour: number;
  readonly #stopping = new AbortController();
  /** Under way, by daemon: one after the other. */
  readonly #running = new Map<string, Promise<void>>();
  #done = 0;
  #failed = 0;

  constructor({ node, config, home, log }: DaemonContext<Config>) {
    this.#node = node;
    this.#log = log;
    this.#view = new MeshView(home);
    this.#patience = { patienceMs: config.restart_patience, giveUpMs: GIVE_UP_MS };
    this.#maxPerHour = config.max_restarts_per_hour;
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
    return { under_way: [...this.#running.keys()], restarted: this.#done, failed: this.#failed };
  }

  #onRequested(
    { id, correlation_id, timestamp, facts }: Envelope<"Q_DAEMON_RESTART_REQUESTED">,
    tx: HandlerTx,
  ): void {
    const { daemon, seen_at } = facts;
    const requestedMs = Date.parse(timestamp);
    const wantedMs = seen_at === undefined ? requestedMs : Date.parse(seen_at) || requestedMs;
    const job: RestartJob = {
      request_id: id,
      correlation_id,
      daemon,
      requestedMs,
      wantedMs,
      before: null,
      told: null,
    };
    const failure = this.#refusal(job);
    if (failure !== null) {
      this.#answerFailed(tx, job, failure);
      return;
    }
    keepJob(tx.state, job);
    tx.afterCommit(() => this.#enqueue(job));
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
    const before = this.#running.get(job.daemon) ?? Promise.resolve();
    const running = before.then(() => this.#carryOut(job));
    this.#running.set(job.daemon, running);
    void running.finally(() => {
      if (this.#running.get(job.daemon) === running) this.#running.delete(job.daemon);
    });
  }

  async #carryOut(first: RestartJob): Promise<void> {
    const { signal } = this.#stopping;
    const course: Course = { begunAt: performance.now(), toldAt: null };
    let job: RestartJob | null = first;
    while (job !== null && !signal.aborted) {
      let pauseMs = POLL_MS;
      try {
        const step = nextStep(job, await this.#look(job, course), this.#patience);
        if (signal.aborted) return;
        job = await this.#perform(job, step, course);
      } catch (err) {
        this.#log.warn({ err, daemon: first.daemon }, "A restart cannot go on now, it is tried again");
        pauseMs = RETRY_MS;
      }
      if (job !== null) await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #look({ daemon }: RestartJob, course: Course): Promise<Scene> {
    const [supervised, answer] = await Promise.all([this.#view.supervised(), this.#view.health(daemon)]);
    const own = supervised?.find(({ name }) => name === daemon) ?? null;
    const holder = this.#view.holder(daemon);
    const now = performance.now();
    return {
      holder: holder === null ? null : { pid: holder.pid, since: holder.since },
      answer,
      supervised: own,
      isLeftOut: supervised !== null && own === null,
      lastEnd: holder === null && own === null ? await this.#view.lastEnd(daemon) : null,
      elapsedMs: now - course.begunAt,
      sinceToldMs: course.toldAt === null ? null : now - course.toldAt,
    };
  }

  /** The job as it is afterwards; null: it has ended. */
  async #perform(job: RestartJob, step: Step, course: Course): Promise<RestartJob | null> {
    switch (step.kind) {
      case "wait":
        return job;
      case "begin":
        return this.#begin(job, step.before);
      case "tell": {
        course.toldAt ??= performance.now();
        const told = await this.#keep({ ...job, told: step.method });
        if (step.method === "supervisor") await this.#view.orderRestart(job.daemon);
        else if (await this.#view.askToRestart(job.daemon)) course.toldAt = performance.now();
        return told;
      }
      case "kill":
        return this.#kill(await this.#keep({ ...job, told: "killed" }), course);
      case "done":
        await this.#end(job, (tx) => this.#answerDone(tx, job, step.method, step.pid));
        return null;
      case "failed":
        await this.#end(job, (tx) => this.#answerFailed(tx, job, step.failure));
        return null;
    }
  }

  async #begin(job: RestartJob, before: RestartJob["before"]): Promise<RestartJob | null> {
    const nowMs = Date.now();
    const times = restartsOf(this.#node.state, job.daemon, nowMs);
    const againAt = allowedAgainAt(times, this.#maxPerHour);
    if (againAt !== null) {
      const until = Number.isFinite(againAt) ? `; no more until ${new Date(againAt).toISOString()}` : "";
      const error_message = `${job.daemon} was restarted ${times.length} times in the last hour, of at most ${this.#maxPerHour}${until}`;
      await this.#end(job, (tx) =>
        this.#answerFailed(tx, job, { error_type: "TooManyRestarts", error_message }),
      );
      return null;
    }
    const begun = { ...job, before };
    await this.#node.transact((tx) => {
      keepJob(tx.state, begun);
      countRestart(tx.state, job.daemon, nowMs);
    });
    this.#log.warn({ daemon: job.daemon, pid: before?.pid, request: job.request_id }, "Restarting a daemon");
    return begun;
  }

  async #kill(job: RestartJob, course: Course): Promise<RestartJob> {
    course.toldAt = performance.now();
    const path = join(this.#view.home, "run", `${job.daemon}.lock`);
    const holder = this.#view.holder(job.daemon);
    if (holder === null || holder.pid !== job.before?.pid) return job; // It has just ended.
    const ended = await endProcess(path, job.before);
    if (ended.kind === "killed")
      this.#log.warn({ daemon: job.daemon, pid: holder.pid }, "Killed a daemon that does not answer");
    else
      this.#log.error(
        { daemon: job.daemon, why: ended.why },
        "A daemon that does not answer cannot be killed",
      );
    return job;
  }

  async #keep(job: RestartJob): Promise<RestartJob> {
    await this.#node.transact((tx) => keepJob(tx.state, job));
    return job;
  }

  async #end(job: RestartJob, answer: (tx: Tx) => void): Promise<void> {
    await this.#node.transact((tx) => {
      dropJob(tx.state, job);
      answer(tx);
    });
  }

  #answerDone(tx: Tx, job: RestartJob, method: Extract<Step, { kind: "done" }>["method"], pid: number): void {
    const took_seconds = Math.max(0, Math.round(Date.now() - job.requestedMs) / 1_000);
    const facts = { daemon: job.daemon, method, pid_before: job.before?.pid ?? null, pid, took_seconds };
    tx.emit("Q_DAEMON_RESTARTED", facts, causedBy(job));
    tx.afterCommit(() => {
      this.#done++;
      this.#log.info({ ...facts, request: job.request_id }, "Daemon restarted");
    });
  }

  #answerFailed(tx: Tx, job: RestartJob, failure: Failure): void {
    tx.emit("Q_DAEMON_RESTART_FAILED", { daemon: job.daemon, ...failure }, causedBy(job));
    tx.afterCommit(() => {
      this.#failed++;
      this.#log.warn({ daemon: job.daemon, ...failure, request: job.request_id }, "Daemon not restarted");
    });
  }
}

function causedBy({ request_id, correlation_id }: RestartJob): {
  correlation_id: string;
  causation_id: string;
} {
  return { correlation_id, causation_id: request_id };
}
