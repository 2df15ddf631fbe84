/**
 * The barrier before the drain: programs that registered are told that the daemon is about to stop, and it waits for their
 * word, each within the time that it asked for, all of them within the time that the stop allows (P10).
 *
 * Who closes its connection is not waited for any longer: nobody is left who could say so. It may come back and register again.
 */
import { ControlRequestError } from "./errors.ts";
import type { ControlConnection, ControlStream } from "./event.ts";

/** The barrier takes at most this part of the time for the stop: the rest is for handlers that run. */
export const BARRIER_SHARE = 0.5;

/** How the barrier ended. */
export interface BarrierEnd {
  readonly acknowledged: readonly string[];
  /** Did not answer in time. */
  readonly late: readonly string[];
  /** Closed their connection without an answer. */
  readonly gone: readonly string[];
}

interface Service {
  readonly name: string;
  readonly withinMs: number;
  readonly stream: ControlStream;
}

interface Stopping {
  readonly reason: string;
  readonly untilMs: number;
  readonly waiting: Map<string, NodeJS.Timeout>;
  readonly acknowledged: string[];
  readonly late: string[];
  readonly gone: string[];
  readonly over: () => void;
}

export class ShutdownBarrier {
  readonly #services = new Map<string, Service>();
  #stopping: Stopping | null = null;

  /** Who would be waited for now. */
  services(): { service: string; within_s: number }[] {
    return [...this.#services.values()].map(({ name, withinMs }) => ({
      service: name,
      within_s: withinMs / 1000,
    }));
  }

  /** A second registration of a name takes the place of the first: its program has come back. */
  register(name: string, withinMs: number, connection: ControlConnection): ControlStream {
    const stream: ControlStream = connection.openStream(() => {
      if (this.#services.get(name)?.stream === stream) this.#leave(name);
    });
    const before = this.#services.get(name);
    this.#services.set(name, { name, withinMs, stream });
    before?.stream.close();
    if (this.#stopping !== null) this.#ask(this.#stopping, name);
    return stream;
  }

  /** Returns who is still waited for. @throws {ControlRequestError} */
  acknowledge(name: string): string[] {
    const stopping = this.#stopping;
    if (!this.#services.has(name))
      throw new ControlRequestError(`${name} is not registered: send shutdown:register first`);
    if (stopping === null)
      throw new ControlRequestError("no stop is under way: wait for the line shutdown:begin");
    this.#settle(stopping, name, stopping.acknowledged);
    return [...stopping.waiting.keys()];
  }

  /** Tells all, and resolves when all have answered, are gone or are late. To be called once. */
  async pass(reason: string, deadlineMs: number): Promise<BarrierEnd> {
    return new Promise((resolve) => {
      const stopping: Stopping = {
        reason,
        untilMs: performance.now() + deadlineMs * BARRIER_SHARE,
        waiting: new Map(),
        acknowledged: [],
        late: [],
        gone: [],
        over: () => resolve(stopping),
      };
      this.#stopping = stopping;
      for (const name of this.#services.keys()) this.#ask(stopping, name);
      if (stopping.waiting.size === 0) stopping.over();
    });
  }

  #ask(stopping: Stopping, name: string): void {
    const service = this.#services.get(name);
    if (service === undefined) return;
    const deadlineMs = Math.max(0, Math.min(service.withinMs, stopping.untilMs - performance.now()));
    clearTimeout(stopping.waiting.get(name));
    stopping.waiting.set(
      name,
      setTimeout(() => this.#settle(stopping, name, stopping.late), deadlineMs),
    );
    service.stream.send(
      "shutdown:begin",
      JSON.stringify({ service: name, reason: stopping.reason, deadline_s: Math.round(deadlineMs) / 1000 }),
    );
  }

  #leave(name: string): void {
    this.#services.delete(name);
    if (this.#stopping?.waiting.has(name) === true) this.#settle(this.#stopping, name, this.#stopping.gone);
  }

  #settle(stopping: Stopping, name: string, as: string[]): void {
    const timer = stopping.waiting.get(name);
    if (timer === undefined) return;
    clearTimeout(timer);
    stopping.waiting.delete(name);
    as.push(name);
    if (stopping.waiting.size === 0) stopping.over();
  }
}
