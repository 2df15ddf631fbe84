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
 * W6 A trigger whose wait another one's completion has ended is remembered: its own completion, which may still come, is
 *    then no early one. Which trigger a completion is of, its `causation_id` tells, where it names one.
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
  readonly causation_id: string | null;
  readonly at: number;
}

/** A trigger that is remembered. */
export interface Covered {
  readonly id: string;
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
  /** Triggers whose waits were ended by a completion of another (W6). */
  readonly covered: readonly Covered[];
}

export type WatchEvent =
  | { readonly kind: "trigger"; readonly wait: Wait; readonly causation_id: string | null }
  | {
      readonly kind: "completion";
      readonly id: string;
      readonly signal: string;
      readonly causation_id: string | null;
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
  return { correlation_id, open: [], timed_out: [], early: [], seen: [], covered: [] };
}

/** Nothing is open and nothing is remembered. */
export function isForgotten(matter: Matter): boolean {
  return matter.open.length === 0 && remembered(matter).length === 0;
}

/** When the newest of what is remembered besides open waits was noted; null when nothing is. */
export function rememberedSince(matter: Matter): number | null {
  const times = remembered(matter).map(({ at }) => at);
  return times.length === 0 ? null : Math.max(...times);
}

function remembered({ timed_out, early, seen, covered }: Matter): readonly { readonly at: number }[] {
  return [...timed_out, ...early, ...seen, ...covered];
}

export function watch(matter: Matter, event: WatchEvent, now: number): Watched {
  switch (event.kind) {
    case "trigger":
      return onTrigger(matter, event.wait, event.causation_id, now);
    case "completion": {
      const { id, signal, causation_id } = event;
      return onCompletion(matter, { id, signal, causation_id, at: now }, event.found);
    }
    case "timeout":
      return onTimeout(matter, event.id, event.timeout_id, now);
    case "forget":
      return { matter: forgotten(matter, event.before), actions: [] };
  }
}

function onTrigger(matter: Matter, wait: Wait, causation_id: string | null, at: number): Watched {
  const { open, timed_out } = matter;
  if ([...open, ...timed_out.map((old) => old.wait)].some(({ id }) => id === wait.id))
    return { matter, actions: [] };
  const cause = timed_out.find(({ timeout_id }) => timeout_id !== null && timeout_id === causation_id);
  const answers = matter.early.filter(({ signal }) => wait.any_of.includes(signal));
  const own = answers.find((answer) => answer.causation_id === wait.id);
  const early = own ?? (cause?.late ? undefined : answers[0]);
  if (early !== undefined) {
    return {
      matter: { ...matter, early: matter.early.filter((answer) => answer !== early) },
      actions: [{ kind: "answered", wait, by: early, when: "before" }], // W3
    };
  }
  if (cause?.late) {
    return {
      matter: { ...matter, covered: newest([...matter.covered, { id: wait.id, at }]) }, // W6
      actions: [{ kind: "answered", wait, by: cause.late, when: "after_timeout" }], // W4
    };
  }
  if (open.length >= MAX_OPEN_PER_MATTER) return { matter, actions: [{ kind: "refused", wait }] };
  return { matter: { ...matter, open: [...open, wait] }, actions: [{ kind: "armed", wait }] };
}

function onCompletion(matter: Matter, answer: Answer, found: "delivered" | "journal"): Watched {
  const isSame = ({ id }: Answer) => id === answer.id;
  const isSeen = matter.seen.some(isSame);
  if (isSeen && found === "journal") return { matter, actions: [] };
  if (isSeen) return { matter: { ...matter, seen: matter.seen.filter((old) => !isSame(old)) }, actions: [] }; // W5
  const covered = matter.covered.filter(({ id }) => id !== answer.causation_id);
  if (covered.length < matter.covered.length)
    return { matter: found === "journal" ? matter : { ...matter, covered }, actions: [] }; // W6
  const answers = ({ any_of }: Wait) => any_of.includes(answer.signal);
  const answered = matter.open.filter(answers);
  if (found === "journal" && answered.length === 0) return { matter, actions: [] };
  const isLate = ({ wait, late }: TimedOut) => late === null && answers(wait);
  const late = matter.timed_out.filter(isLate).map(({ wait }) => wait);
  if (answered.length + late.length === 0)
    return { matter: { ...matter, early: newest([...matter.early, answer]) }, actions: [] }; // W3
  return {
    matter: {
      ...matter,
      open: matter.open.filter((wait) => !answers(wait)), // W1, W2
      timed_out: matter.timed_out.map((old) => (isLate(old) ? { ...old, late: answer } : old)), // W4
      seen: found === "journal" ? newest([...matter.seen, answer]) : matter.seen, // W5
      covered: newest([...matter.covered, ...coveredBy(answer, answered, late)]), // W6
    },
    actions: [
      ...answered.map((wait) => ({ kind: "answered", wait, by: answer, when: "open" }) as const),
      ...late.map((wait) => ({ kind: "late", wait, by: answer }) as const),
    ],
  };
}

/** The ended waits besides the one that the completion names; none where it names none of them. */
function coveredBy(
  { causation_id, at }: Answer,
  answered: readonly Wait[],
  late: readonly Wait[],
): Covered[] {
  if (![...answered, ...late].some(({ id }) => id === causation_id)) return [];
  return answered.filter(({ id }) => id !== causation_id).map(({ id }) => ({ id, at }));
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
    covered: matter.covered.filter(isRecent),
  };
}

function newest<T>(list: readonly T[]): readonly T[] {
  return list.slice(-MAX_REMEMBERED_PER_MATTER);
}
