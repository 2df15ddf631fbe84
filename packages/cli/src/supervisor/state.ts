/**
 * What the supervisor knows, what can happen to it and what it can ask for. Data only.
 * Times are milliseconds of one monotonic clock.
 */

/** Where one daemon's process stands. */
export type Phase =
  /** Nobody wants it to run: never started, stopped on purpose, or ended by itself after saying so. */
  | { readonly kind: "stopped"; readonly reason: string }
  /** Given up: start limit, bad configuration, a twin. Only a person's word starts it again. */
  | { readonly kind: "failed"; readonly reason: string }
  /** Crashed; waits for its next start. */
  | { readonly kind: "backoff"; readonly until: number; readonly reason: string }
  | { readonly kind: "starting"; readonly since: number; readonly signAt: number }
  | { readonly kind: "ready"; readonly since: number; readonly signAt: number }
  /** SIGTERM sent (SIGKILL too when `killed`); `again`: start anew once it is gone. */
  | { readonly kind: "stopping"; readonly killAt: number; readonly killed: boolean; readonly again: boolean }
  /** Hung: SIGABRT sent, SIGKILL at `killAt`; its end counts as a crash. */
  | { readonly kind: "aborting"; readonly killAt: number; readonly killed: boolean; readonly reason: string };

export interface Child {
  readonly name: string;
  readonly phase: Phase;
  /** Number of the present (or last) process; events of older ones are ignored. */
  readonly run: number;
  readonly pid: number | null;
  /** Automatic and asked-for starts after the first. */
  readonly restarts: number;
  /** Crashes in a row; the exponent of the backoff. */
  readonly attempts: number;
  /** Times of the starts since the last one that lasted. At most `startLimit`. */
  readonly starts: readonly number[];
  /** When the present process became ready; null before. */
  readonly readyAt: number | null;
  /** The present process said STOPPING=1: its exit 0 is deliberate. */
  readonly saidStopping: boolean;
  /** Its last STATUS= line. */
  readonly status: string;
  /** To be forgotten as soon as nothing of it is alive. */
  readonly leaving?: true;
}

/** `running`; `stopping`: one after the other; `hurrying`: all at once, shortly; `ended`: nothing runs any more. */
export type Mode = "running" | "stopping" | "hurrying" | "ended";

export interface SupervisorState {
  readonly mode: Mode;
  /** Last time the clock was looked at. */
  readonly at: number;
  /** When the last child was told to stop, while `stopping`. */
  readonly toldAt: number;
  /** In the order of starting and stopping. */
  readonly children: readonly Child[];
}

export type ChildEvent =
  | { readonly kind: "spawned"; readonly name: string; readonly run: number; readonly pid: number }
  | { readonly kind: "ready"; readonly name: string; readonly run: number }
  | { readonly kind: "progress"; readonly name: string; readonly run: number }
  | { readonly kind: "status"; readonly name: string; readonly run: number; readonly text: string }
  | { readonly kind: "stopping"; readonly name: string; readonly run: number }
  | {
      readonly kind: "exited";
      readonly name: string;
      readonly run: number;
      readonly code: number | null;
      readonly signal: string | null;
      /** Why the process could not be started at all. */
      readonly error?: string;
    };

/** A person's word, through the control socket or a signal. */
export type OrderEvent =
  | { readonly kind: "start" | "stop" | "restart"; readonly name: string }
  /** A program that was not there before: started at once, stopped last. */
  | { readonly kind: "add"; readonly name: string }
  /** Stopped in order, then forgotten. */
  | { readonly kind: "remove"; readonly name: string }
  | { readonly kind: "stop-all" };

export type SupervisorEvent = ChildEvent | OrderEvent | { readonly kind: "tick" };

export type Action =
  | { readonly kind: "spawn"; readonly name: string; readonly run: number }
  | {
      readonly kind: "signal";
      readonly name: string;
      readonly run: number;
      readonly signal: "SIGTERM" | "SIGABRT" | "SIGKILL";
    }
  | {
      readonly kind: "report";
      readonly name: string;
      readonly level: "info" | "warn" | "error";
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    }
  /** Everything that ran has ended after a stop-all. */
  | { readonly kind: "ended" };

/** All children, none started yet. */
export function initialState(names: readonly string[], now: number): SupervisorState {
  return { mode: "running", at: now, toldAt: Number.NEGATIVE_INFINITY, children: names.map(newChild) };
}

/** A child that was never started. */
export function newChild(name: string): Child {
  return {
    name,
    phase: { kind: "stopped", reason: "not started" },
    run: 0,
    pid: null,
    restarts: 0,
    attempts: 0,
    starts: [],
    readyAt: null,
    saidStopping: false,
    status: "",
  };
}

/** Whether a process of this child exists, as far as the supervisor knows. */
export function isAlive(child: Child): boolean {
  const { kind } = child.phase;
  return kind === "starting" || kind === "ready" || kind === "stopping" || kind === "aborting";
}
