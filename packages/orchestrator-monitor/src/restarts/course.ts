/** Carries out one restart: looks how things stand, does the next step (`next-step.ts`), until it has an end. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Node } from "@kloros/bus";
import type { Logger } from "@kloros/daemon";
import type { MeshView } from "../supervision/mesh-view.ts";
import { answerDone, answerFailed } from "./answers.ts";
import { endProcess } from "./end-process.ts";
import { allowedAgainAt, countRestart, keepJob, type RestartJob, restartsOf } from "./job-store.ts";
import { type Failure, nextStep, type Patience, type Process, type Scene, type Step } from "./next-step.ts";

/** Between two looks at how a restart goes, in milliseconds. */
const POLL_MS = 200;
/** After a commit that failed (a full disk), in milliseconds. */
const RETRY_MS = 2_000;

export interface CourseOptions {
  readonly node: Node;
  readonly view: MeshView;
  readonly log: Logger;
  readonly patience: Patience;
  readonly maxPerHour: number;
  readonly signal: AbortSignal;
}

export type Outcome = "restarted" | "failed" | "interrupted";

export class Course {
  readonly #options: CourseOptions;
  readonly #begunAt = performance.now();
  #job: RestartJob;
  #toldAt: number | null = null;

  constructor(options: CourseOptions, job: RestartJob) {
    this.#options = options;
    this.#job = job;
  }

  /** Resolves when it is answered, or when this process stops: then the next one goes on. */
  async run(): Promise<Outcome> {
    const { signal, log } = this.#options;
    while (!signal.aborted) {
      let pauseMs = POLL_MS;
      try {
        const step = nextStep(this.#job, await this.#look(), this.#options.patience);
        const outcome = signal.aborted ? "interrupted" : await this.#perform(step);
        if (outcome !== null) return outcome;
      } catch (err) {
        log.warn({ err, target: this.#job.daemon }, "A restart cannot go on now, it is tried again");
        pauseMs = RETRY_MS;
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
    return "interrupted";
  }

  async #look(): Promise<Scene> {
    const { view } = this.#options;
    const { daemon } = this.#job;
    const [supervised, answer] = await Promise.all([view.supervised(), view.health(daemon)]);
    const own = supervised?.find(({ name }) => name === daemon) ?? null;
    const holder = view.holder(daemon);
    const now = performance.now();
    return {
      holder: holder === null ? null : { pid: holder.pid, since: holder.since },
      answer,
      supervised: own,
      isLeftOut: supervised !== null && own === null,
      lastEnd: holder === null && own === null ? await view.lastEnd(daemon) : null,
      elapsedMs: now - this.#begunAt,
      sinceToldMs: this.#toldAt === null ? null : now - this.#toldAt,
    };
  }

  /** null: not ended yet. */
  async #perform(step: Step): Promise<Outcome | null> {
    const job = this.#job;
    switch (step.kind) {
      case "wait":
        return null;
      case "begin":
        return this.#begin(step.before);
      case "tell":
        await this.#keep({ ...job, told: step.method });
        return this.#tell(step.method);
      case "kill":
        await this.#keep({ ...job, told: "killed" });
        return this.#kill();
      case "done":
        await this.#options.node.transact((tx) => answerDone(tx, job, step.method, step.pid));
        this.#options.log.info(
          { target: job.daemon, method: step.method, target_pid: step.pid },
          "Daemon restarted",
        );
        return "restarted";
      case "failed":
        return this.#fail(step.failure);
    }
  }

  async #begin(before: Process): Promise<Outcome | null> {
    const { node, log, maxPerHour } = this.#options;
    const { daemon, request_id } = this.#job;
    const nowMs = Date.now();
    const times = restartsOf(node.state, daemon, nowMs);
    const againAt = allowedAgainAt(times, maxPerHour);
    if (againAt !== null) {
      const until = Number.isFinite(againAt) ? `; no more until ${new Date(againAt).toISOString()}` : "";
      const error_message = `${daemon} was restarted ${times.length} times in the last hour, of at most ${maxPerHour}${until}`;
      return this.#fail({ error_type: "TooManyRestarts", error_message });
    }
    const begun = { ...this.#job, before };
    await node.transact((tx) => {
      keepJob(tx.state, begun);
      countRestart(tx.state, daemon, nowMs);
    });
    this.#job = begun;
    log.warn({ target: daemon, target_pid: before.pid, request: request_id }, "Restarting a daemon");
    return null;
  }

  async #tell(method: "supervisor" | "control_socket"): Promise<Outcome | null> {
    const { view } = this.#options;
    const { daemon } = this.#job;
    this.#toldAt ??= performance.now();
    if (method === "supervisor") {
      await view.orderRestart(daemon);
      return null;
    }
    const asked = await view.askToRestart(daemon);
    if (asked.kind === "asked") this.#toldAt = performance.now();
    return asked.kind === "refused"
      ? this.#fail({ error_type: "NotSupervised", error_message: asked.why })
      : null;
  }

  async #kill(): Promise<null> {
    const { view, log } = this.#options;
    const { daemon, before } = this.#job;
    this.#toldAt = performance.now();
    const holder = view.holder(daemon);
    if (before === null || holder?.pid !== before.pid) return null; // It has just ended.
    const ended = await endProcess(join(view.home, "run", `${daemon}.lock`), before);
    if (ended.kind === "killed")
      log.warn({ target: daemon, target_pid: before.pid }, "Killed a daemon that does not answer");
    else log.error({ target: daemon, why: ended.why }, "A daemon that does not answer cannot be killed");
    return null;
  }

  async #fail(failure: Failure): Promise<Outcome> {
    const { node, log } = this.#options;
    const job = this.#job;
    await node.transact((tx) => answerFailed(tx, job, failure));
    log.warn({ target: job.daemon, ...failure }, "Daemon not restarted");
    return "failed";
  }

  async #keep(job: RestartJob): Promise<void> {
    await this.#options.node.transact((tx) => keepJob(tx.state, job));
    this.#job = job;
  }
}
