/**
 * The shell around the pure supervisor: real clock, real processes. Each event goes through `transition`, each
 * action that comes back is carried out at once; one event after the other, never nested.
 */
import type { OutputStream, Program, RunningProcess } from "./child-process.ts";
import { launch } from "./child-process.ts";
import type { SupervisorLimits } from "./limits.ts";
import { DEFAULT_LIMITS, TICK_MS } from "./limits.ts";
import type { Action, OrderEvent, SupervisorEvent, SupervisorState } from "./state.ts";
import { initialState } from "./state.ts";
import { transition } from "./transition.ts";

export type Report = Extract<Action, { kind: "report" }>;

export interface SuperviseOptions {
  /** In the order of starting and stopping. */
  readonly programs: readonly Program[];
  readonly limits?: SupervisorLimits;
  onLine(name: string, stream: OutputStream, line: string): void;
  onReport(report: Report): void;
  /** After each event that changed something. */
  onChange?(state: SupervisorState): void;
}

/** Starts all programs and keeps them running until `order({ kind: "stop-all" })`. */
export function supervise(options: SuperviseOptions): Supervisor {
  const supervisor = new Supervisor(options);
  supervisor.start();
  return supervisor;
}

export class Supervisor {
  /** Resolves when all have ended after a stop-all. */
  readonly ended: Promise<void>;
  readonly #options: SuperviseOptions;
  readonly #limits: SupervisorLimits;
  readonly #programs: Map<string, Program>;
  readonly #running = new Map<string, { run: number; process: RunningProcess }>();
  readonly #waiting: SupervisorEvent[] = [];
  readonly #timer: NodeJS.Timeout;
  #state: SupervisorState;
  #end: () => void = () => undefined;
  #busy = false;
  #paused = false;

  constructor(options: SuperviseOptions) {
    this.#options = options;
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.#programs = new Map(options.programs.map((program) => [program.name, program]));
    this.#state = initialState([...this.#programs.keys()], this.now());
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#timer = setInterval(() => {
      this.#dispatch({ kind: "tick" });
    }, TICK_MS);
  }

  /** Starts all programs, in their order; nothing after a stop-all. */
  start(): void {
    for (const name of this.#programs.keys()) this.#dispatch({ kind: "start", name });
  }

  state(): SupervisorState {
    return this.#state;
  }

  /** Milliseconds of the supervisor's clock, for reading the times of `state()`. */
  now(): number {
    return performance.now();
  }

  /** Runs a further program; one of that name that is there already is only known by its new command from its next start on. */
  add(program: Program): void {
    this.#programs.set(program.name, program);
    this.#dispatch({ kind: "add", name: program.name });
  }

  /** Stops a program in order and forgets it. */
  remove(name: string): void {
    this.#dispatch({ kind: "remove", name });
  }

  /** A person's word; takes effect at once. */
  order(event: OrderEvent): void {
    this.#dispatch(event);
  }

  /** Nobody reads the output: the children are held back by their full pipes. */
  pauseOutput(): void {
    this.#paused = true;
    for (const { process } of this.#running.values()) process.pauseOutput();
  }

  resumeOutput(): void {
    this.#paused = false;
    for (const { process } of this.#running.values()) process.resumeOutput();
  }

  #dispatch(event: SupervisorEvent): void {
    this.#waiting.push(event);
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const around = { now: this.now(), random: Math.random(), limits: this.#limits };
      const [after, actions] = transition(this.#state, next, around);
      this.#state = after;
      for (const action of actions) this.#perform(action);
      if (next.kind !== "tick" || actions.length > 0) this.#options.onChange?.(after);
    }
    this.#busy = false;
  }

  #perform(action: Action): void {
    switch (action.kind) {
      case "spawn":
        this.#start(action.name, action.run);
        return;
      case "signal": {
        const entry = this.#running.get(action.name);
        if (entry?.run === action.run) entry.process.signal(action.signal);
        return;
      }
      case "report":
        this.#options.onReport(action);
        return;
      case "ended":
        clearInterval(this.#timer);
        this.#end();
    }
  }

  #start(name: string, run: number): void {
    const program = this.#programs.get(name);
    if (!program) return;
    const process = launch(program, {
      onNotice: (notice) => {
        this.#dispatch({ ...notice, name, run });
      },
      onLine: (stream, line) => {
        this.#options.onLine(name, stream, line);
      },
      onExit: (exit) => {
        this.#dispatch({ kind: "exited", name, run, ...exit });
      },
    });
    this.#running.set(name, { run, process });
    if (this.#paused) process.pauseOutput();
    if (process.pid !== undefined) this.#dispatch({ kind: "spawned", name, run, pid: process.pid });
  }
}
