/**
 * The watchdog's core: (what is known of one matter, event, now) → (what is known then, what follows). Pure.
 * A matter is one piece of work as contracts can tell it apart: the same timeout signal, story and matching fact.
 * Times are milliseconds of the watchdog's own timeline, which only goes forward (P10).
 *
 * W1 A wait ends once: answered, or timed out.
 * W2 One completion answers every open wait of its matter that awaits a signal of its name: those are tries of the same work.
 * W3 A completion that finds nothing to answer is counted: it answers the next trigger of its matter, which was on its
 *    way (journals of different emitters have no common order).
 * W4 A completion after a timeout is late, not early. A retry that this timeout caused is then not waited for: the work is done.
 * W5 A completion that was seen in a journal counts then, and not again when it is delivered.
 */
import { MAX_OPEN_PER_MATTER, MAX_REMEMBERED_PER_MATTER } from "./limits.ts";

/** A trigger whose completion is awaited. */
export interface Wait {
  readonly id: string;
  readonly signal: string;
  readonly any_of: readonly string[];
  readonly since: number;
  readonly due: number;
  readonly question_id: string;
  readonly attempt: number;
  readonly retry_of: string;
}

/** A completion that is remembered; `at` is when it was noticed. */
export interface Answer {
  readonly id: string;
  readonly signal: string;
  readonly at: number;
}

/** A wait that ran out. */
export interface TimedOut {
  readonly wait: Wait;
  /** Id of the timeout's signal; null where none could be emitted. */
  readonly timeout_id: string | null;
  readonly at: number;
  readonly late: Answer | null;
}

export interface Matter {
  readonly correlation_id: string;
  readonly open: readonly Wait[];
  readonly timed_out: readonly TimedOut[];
  /** Completions that wait for their trigger (W3). */
  readonly early: readonly Answer[];
  /** Completions that were seen in a journal and are still to be delivered (W5). */
  readonly seen: readonly Answer[];
}

export type WatchEvent =
  | { readonly kind: "trigger"; readonly wait: Wait; readonly causation_id: string | null }
  | {
      readonly kind: "completion";
      readonly id: string;
      readonly signal: string;
      /** `journal`: it lies on disk and has not been delivered. */
      readonly found: "delivered" | "journal";
    }
  | { readonly kind: "timeout"; readonly id: string; readonly timeout_id: string | null }
  /** What was remembered before this is of no use any more. */
  | { readonly kind: "forget"; readonly before: number };

export type WatchAction =
  | { readonly kind: "armed"; readonly wait: Wait }
  | { readonly kind: "refused"; readonly wait: Wait }
  | {
      readonly kind: "answered";
      readonly wait: Wait;
      readonly by: Answer;
      readonly when: "open" | "before" | "after_timeout";
    }
  | { readonly kind: "timed_out"; readonly wait: Wait }
  | { readonly kind: "late"; readonly wait: Wait; readonly by: Answer };

export interface Watched {
  readonly matter: Matter;
  readonly actions: readonly WatchAction[];
}

export function newMatter(correlation_id: string): Matter {
  return { correlation_id, open: [], timed_out: [], early: [], seen: [] };
}

/** Nothing is open and nothing is remembered. */
export function isForgotten({ open, timed_out, early, seen }: Matter): boolean {
  return open.length + timed_out.length + early.length + seen.length === 0;
}

/** When the newest of what is remembered besides open waits was noted; null when nothing is. */
export function rememberedSince({ timed_out, early, seen }: Matter): number | null {
  const times = [...timed_out, ...early, ...seen].map(({ at }) => at);
  return times.length === 0 ? null : Math.max(...times);
}

export function watch(matter: Matter, event: WatchEvent, now: number): Watched {
  switch (event.kind) {
    case "trigger":
      return onTrigger(matter, event.wait, event.causation_id);
    case "completion":
      return onCompletion(matter, { id: event.id, signal: event.signal, at: now }, event.found);
    case "timeout":
      return onTimeout(matter, event.id, event.timeout_id, now);
    case "forget":
      return { matter: forgotten(matter, event.before), actions: [] };
  }
}

function onTrigger(matter: Matter, wait: Wait, causation_id: string | null): Watched {
  const isKnown =
    matter.open.some(({ id }) => id === wait.id) || matter.timed_out.some((old) => old.wait.id === wait.id);
  if (isKnown) return { matter, actions: [] };
  const early = matter.early.find(({ signal }) => wait.any_of.includes(signal));
  if (early !== undefined) {
    const rest = matter.early.filter((answer) => answer !== early); // W3
    return {
      matter: { ...matter, early: rest },
      actions: [{ kind: "answered", wait, by: early, when: "before" }],
    };
  }
  const cause = matter.timed_out.find(({ timeout_id }) => timeout_id !== null && timeout_id === causation_id);
  if (cause?.late) {
    return { matter, actions: [{ kind: "answered", wait, by: cause.late, when: "after_timeout" }] }; // W4
  }
  if (matter.open.length >= MAX_OPEN_PER_MATTER) return { matter, actions: [{ kind: "refused", wait }] };
  return { matter: { ...matter, open: [...matter.open, wait] }, actions: [{ kind: "armed", wait }] };
}

function onCompletion(matter: Matter, answer: Answer, found: "delivered" | "journal"): Watched {
  const isSeen = matter.seen.some(({ id }) => id === answer.id);
  if (isSeen && found === "journal") return { matter, actions: [] };
  if (isSeen) {
    return { matter: { ...matter, seen: matter.seen.filter(({ id }) => id !== answer.id) }, actions: [] }; // W5
  }
  const answers = ({ any_of }: Wait) => any_of.includes(answer.signal);
  const answered = matter.open.filter(answers);
  if (found === "journal" && answered.length === 0) return { matter, actions: [] };
  const isLate = ({ wait, late }: TimedOut) => late === null && answers(wait);
  const late = matter.timed_out.filter(isLate);
  const actions: WatchAction[] = [
    ...answered.map((wait) => ({ kind: "answered", wait, by: answer, when: "open" }) as const),
    ...late.map(({ wait }) => ({ kind: "late", wait, by: answer }) as const),
  ];
  const isEarly = actions.length === 0;
  return {
    matter: {
      ...matter,
      open: matter.open.filter((wait) => !answers(wait)), // W1, W2
      timed_out: matter.timed_out.map((old) => (isLate(old) ? { ...old, late: answer } : old)), // W4
      early: isEarly ? newest([...matter.early, answer]) : matter.early, // W3
      seen: found === "journal" ? newest([...matter.seen, answer]) : matter.seen, // W5
    },
    actions,
  };
}

function onTimeout(matter: Matter, id: string, timeout_id: string | null, at: number): Watched {
  const wait = matter.open.find((open) => open.id === id);
  if (wait === undefined) return { matter, actions: [] }; // W1
  return {
    matter: {
      ...matter,
      open: matter.open.filter((open) => open !== wait),
      timed_out: newest([...matter.timed_out, { wait, timeout_id, at, late: null }]),
    },
    actions: [{ kind: "timed_out", wait }],
  };
}

function forgotten(matter: Matter, before: number): Matter {
  const isRecent = ({ at }: { readonly at: number }) => at >= before;
  return {
    ...matter,
    timed_out: matter.timed_out.filter(isRecent),
    early: matter.early.filter(isRecent),
    seen: matter.seen.filter(isRecent),
  };
}

function newest<T>(list: readonly T[]): readonly T[] {
  return list.slice(-MAX_REMEMBERED_PER_MATTER);
}
