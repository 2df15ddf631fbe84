/** Drives the pure supervisor in tests: keeps state and time, collects actions. */
import type { SupervisorLimits } from "../../src/supervisor/limits.ts";
import { DEFAULT_LIMITS } from "../../src/supervisor/limits.ts";
import type { Action, Child, SupervisorEvent, SupervisorState } from "../../src/supervisor/state.ts";
import { initialState } from "../../src/supervisor/state.ts";
import { transition } from "../../src/supervisor/transition.ts";

export class Drive {
  state: SupervisorState;
  now = 0;
  readonly log: { at: number; action: Action }[] = [];
  readonly limits: SupervisorLimits;

  constructor(names: readonly string[], limits: Partial<SupervisorLimits> = {}) {
    this.limits = { ...DEFAULT_LIMITS, ...limits };
    this.state = initialState(names, 0);
    for (const name of names) this.feed({ kind: "start", name });
  }

  feed(event: SupervisorEvent): readonly Action[] {
    const [state, actions] = transition(this.state, event, { now: this.now, random: 1, limits: this.limits });
    this.state = state;
    for (const action of actions) this.log.push({ at: this.now, action });
    return actions;
  }

  /** Lets time pass with a look at the clock every 200 ms; `beat` sends WATCHDOG=1 of these names each second. */
  pass(ms: number, beat: readonly string[] = []): readonly Action[] {
    const actions: Action[] = [];
    for (const until = this.now + ms; this.now < until;) {
      this.now += Math.min(200, until - this.now);
      if (this.now % 1_000 === 0) for (const name of beat) this.say(name, "progress");
      actions.push(...this.feed({ kind: "tick" }));
    }
    return actions;
  }

  /** Time passes without anybody looking: the machine slept. */
  sleep(ms: number): void {
    this.now += ms;
  }

  child(name: string): Child {
    const found = this.state.children.find((child) => child.name === name);
    if (!found) throw new Error(`no child ${name}`);
    return found;
  }

  say(name: string, kind: "ready" | "progress" | "stopping"): readonly Action[] {
    return this.feed({ kind, name, run: this.child(name).run });
  }

  exit(name: string, code: number | null, signal: string | null = null): readonly Action[] {
    return this.feed({ kind: "exited", name, run: this.child(name).run, code, signal });
  }

  signals(name: string): string[] {
    return this.log.flatMap(({ action }) =>
      action.kind === "signal" && action.name === name ? [action.signal] : [],
    );
  }

  spawns(name: string): number[] {
    return this.log.flatMap(({ at, action }) =>
      action.kind === "spawn" && action.name === name ? [at] : [],
    );
  }
}
