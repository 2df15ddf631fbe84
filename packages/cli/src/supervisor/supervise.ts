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

export interface Supervisor {
  state(): SupervisorState;
  /** Milliseconds of the supervisor's clock, for reading the times of `state()`. */
  now(): number;
  /** A person's word; takes effect at once. */
  order(event: OrderEvent): void;
  pauseOutput(): void;
  resumeOutput(): void;
  /** Resolves when all have ended after a stop-all. */
  readonly ended: Promise<void>;
}

/** Starts all programs and keeps them running until `order({ kind: "stop-all" })`. */
export function supervise(options: SuperviseOptions): Supervisor {
  const now = (): number => performance.now();
  const limits = options.limits ?? DEFAULT_LIMITS;
  const programs = new Map(options.programs.map((program) => [program.name, program]));
  const running = new Map<string, { run: number; process: RunningProcess }>();
  const waiting: SupervisorEvent[] = [];
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let state = initialState([...programs.keys()], now());
  let busy = false;
  let paused = false;

  const dispatch = (event: SupervisorEvent): void => {
    waiting.push(event);
    if (busy) return;
    busy = true;
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [after, actions] = transition(state, next, { now: now(), random: Math.random(), limits });
      state = after;
      actions.forEach(perform);
      if (next.kind !== "tick" || actions.length > 0) options.onChange?.(state);
    }
    busy = false;
  };

  const perform = (action: Action): void => {
    switch (action.kind) {
      case "spawn":
        start(action.name, action.run);
        return;
      case "signal": {
        const entry = running.get(action.name);
        if (entry?.run === action.run) entry.process.signal(action.signal);
        return;
      }
      case "report":
        options.onReport(action);
        return;
      case "ended":
        clearInterval(timer);
        end();
    }
  };

  const start = (name: string, run: number): void => {
    const program = programs.get(name);
    if (!program) return;
    const process = launch(program, {
      onNotice: (notice) => dispatch({ ...notice, name, run }),
      onLine: (stream, line) => options.onLine(name, stream, line),
      onExit: (exit) => dispatch({ kind: "exited", name, run, ...exit }),
    });
    running.set(name, { run, process });
    if (paused) process.pauseOutput();
    if (process.pid !== undefined) dispatch({ kind: "spawned", name, run, pid: process.pid });
  };

  const timer = setInterval(() => dispatch({ kind: "tick" }), TICK_MS);
  for (const name of programs.keys()) dispatch({ kind: "start", name });
  return {
    state: () => state,
    now,
    order: dispatch,
    pauseOutput: () => {
      paused = true;
      for (const { process } of running.values()) process.pauseOutput();
    },
    resumeOutput: () => {
      paused = false;
      for (const { process } of running.values()) process.resumeOutput();
    },
    ended,
  };
}
