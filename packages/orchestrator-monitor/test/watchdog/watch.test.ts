import { describe, expect, it } from "vitest";
import { MAX_OPEN_PER_MATTER, MAX_REMEMBERED_PER_MATTER } from "../../src/watchdog/limits.ts";
import {
  isForgotten,
  type Matter,
  newMatter,
  watch,
  type WatchAction,
  type WatchEvent,
} from "../../src/watchdog/watch.ts";

const trigger = (id: string, causation_id: string | null = null, any_of = ["Q_DONE_NOW"]): WatchEvent => ({
  kind: "trigger",
  causation_id,
  wait: {
    id,
    signal: "Q_DO_IT",
    any_of,
    since: 0,
    due: 100,
    question_id: "q",
    attempt: 1,
    retry_of: id,
  },
});
const done = (
  id: string,
  found: "delivered" | "journal" = "delivered",
  more: { signal?: string; causation_id?: string } = {},
): WatchEvent => ({ kind: "completion", id, signal: "Q_DONE_NOW", causation_id: null, found, ...more });
const doneFor = (id: string, causation_id: string) => done(id, "delivered", { causation_id });
const timeout = (id: string): WatchEvent => ({ kind: "timeout", id, timeout_id: `timeout of ${id}` });

/** Feeds events; returns the end and what followed from each, in words. */
function play(...events: readonly WatchEvent[]): { matter: Matter; told: string[][] } {
  let matter = newMatter("story");
  const told = events.map((event, at) => {
    const watched = watch(matter, event, at);
    matter = watched.matter;
    return watched.actions.map(inWords);
  });
  return { matter, told };
}

function inWords(action: WatchAction): string {
  if (action.kind === "answered") return `${action.wait.id} answered ${action.when} by ${action.by.id}`;
  if (action.kind === "late") return `${action.by.id} late for ${action.wait.id}`;
  return `${action.wait.id} ${action.kind}`;
}

describe("a wait", () => {
  it("ends with its completion, and nothing is left", () => {
    const { matter, told } = play(trigger("t"), done("c"), timeout("t"));
    expect(told).toEqual([["t armed"], ["t answered open by c"], []]);
    expect(isForgotten(matter)).toBe(true);
  });

  it("that runs out is told once, and a trigger that comes twice is one", () => {
    const { told } = play(trigger("t"), trigger("t"), timeout("t"), timeout("t"), trigger("t"));
    expect(told).toEqual([["t armed"], [], ["t timed_out"], [], []]);
  });

  it("is not ended by a signal that it does not await", () => {
    const { matter, told } = play(
      trigger("t"),
      done("c", "delivered", { signal: "Q_OTHER_NEWS" }),
      timeout("t"),
    );
    expect(told).toEqual([["t armed"], [], ["t timed_out"]]);
    expect(matter.early).toHaveLength(1);
  });

  it("ends with one completion for all tries of the same work", () => {
    const { told } = play(trigger("t1"), trigger("t2"), done("c"));
    expect(told[2]).toEqual(["t1 answered open by c", "t2 answered open by c"]);
  });

  it("is refused beyond the limit of one matter", () => {
    const { matter, told } = play(
      ...Array.from({ length: MAX_OPEN_PER_MATTER + 1 }, (_, n) => trigger(`t${n}`)),
    );
    expect(told.at(-1)).toEqual([`t${MAX_OPEN_PER_MATTER} refused`]);
    expect(matter.open).toHaveLength(MAX_OPEN_PER_MATTER);
  });
});

describe("a completion before its trigger", () => {
  it("answers it when it comes, and only it", () => {
    const { told } = play(done("c"), trigger("t1"), trigger("t2"), timeout("t2"));
    expect(told).toEqual([[], ["t1 answered before by c"], ["t2 armed"], ["t2 timed_out"]]);
  });

  it("is counted: two of them answer two triggers", () => {
    const { matter, told } = play(done("c1"), done("c2"), trigger("t1"), trigger("t2"));
    expect(told.flat()).toEqual(["t1 answered before by c1", "t2 answered before by c2"]);
    expect(isForgotten(matter)).toBe(true);
  });

  it("answers only a trigger that awaits it", () => {
    const { told } = play(done("c"), trigger("t", null, ["Q_OTHER_NEWS"]));
    expect(told.flat()).toEqual(["t armed"]);
  });

  it("is forgotten by number and by age", () => {
    const many = Array.from({ length: MAX_REMEMBERED_PER_MATTER + 5 }, (_, n) => done(`c${n}`));
    const { matter } = play(...many);
    expect(matter.early).toHaveLength(MAX_REMEMBERED_PER_MATTER);
    expect(watch(matter, { kind: "forget", before: 67 }, 70).matter.early).toHaveLength(2);
  });
});

describe("a completion after the timeout", () => {
  it("is late, for every try that timed out, and is noted once", () => {
    const { matter, told } = play(trigger("t1"), timeout("t1"), trigger("t2"), timeout("t2"), done("c"));
    expect(told.at(-1)).toEqual(["c late for t1", "c late for t2"]);
    expect(matter.timed_out.map(({ late }) => late?.id)).toEqual(["c", "c"]);
    expect(matter.early).toEqual([]);
  });

  it("lets a retry that the timeout caused go unwatched: the work is done", () => {
    const { told } = play(trigger("t1"), timeout("t1"), done("c"), trigger("t2", "timeout of t1"));
    expect(told.at(-1)).toEqual(["t2 answered after_timeout by c"]);
  });

  it("does not answer what another signal caused", () => {
    const { told } = play(trigger("t1"), timeout("t1"), done("c"), trigger("t2", "a failure"));
    expect(told.at(-1)).toEqual(["t2 armed"]);
  });

  it("also ends the retry that is open", () => {
    const { told } = play(trigger("t1"), timeout("t1"), trigger("t2", "timeout of t1"), done("c"));
    expect(told.at(-1)).toEqual(["t2 answered open by c", "c late for t1"]);
  });
});

describe("a completion that was seen in a journal", () => {
  it("counts then, and not again when it is delivered", () => {
    const { matter, told } = play(
      trigger("t1"),
      done("c", "journal"),
      done("c", "journal"),
      done("c"),
      trigger("t2"),
    );
    expect(told).toEqual([["t1 armed"], ["t1 answered open by c"], [], [], ["t2 armed"]]);
    expect(matter.seen).toEqual([]);
  });

  it("is no news when nothing is open", () => {
    const { matter, told } = play(done("c", "journal"), trigger("t"));
    expect(told).toEqual([[], ["t armed"]]);
    expect(matter.early).toEqual([]);
  });
});

describe("a completion of a trigger whose wait another one has ended", () => {
  it("answers nothing else: the next trigger is waited for", () => {
    const { matter, told } = play(
      trigger("t1"),
      trigger("t2"),
      doneFor("c1", "t1"),
      doneFor("c2", "t2"),
      trigger("t3"),
    );
    expect(told.slice(2)).toEqual([["t1 answered open by c1", "t2 answered open by c1"], [], ["t3 armed"]]);
    expect(matter.covered).toEqual([]);
  });

  it("is known after a late completion, too", () => {
    const { told } = play(
      trigger("t1"),
      timeout("t1"),
      doneFor("c1", "t1"),
      trigger("t2", "timeout of t1"),
      doneFor("c2", "t2"),
      trigger("t3"),
    );
    expect(told.slice(3)).toEqual([["t2 answered after_timeout by c1"], [], ["t3 armed"]]);
  });

  it("goes to its own trigger first when several came early", () => {
    const { matter } = play(doneFor("c2", "t2"), doneFor("c1", "t1"), trigger("t1"));
    expect(matter.early.map(({ id }) => id)).toEqual(["c2"]);
    expect(
      isForgotten(play(doneFor("c2", "t2"), doneFor("c1", "t1"), trigger("t1"), trigger("t2")).matter),
    ).toBe(true);
  });
});
