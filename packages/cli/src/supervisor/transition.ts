/**
 * The whole supervisor as one pure function: (state, event, circumstances) → (state, actions).
 * Owns what concerns all children: the clock, the order of stopping, the end. One child's life is `child.ts`.
 *
 * Invariants: T1 after a stop-all nothing is ever started · T2 `ended` comes once, when nothing is alive ·
 * T3 while the supervisor slept (suspended machine, SIGSTOP, stalled VM), no child is judged.
 */
import type { ChildStep, Circumstances } from "./child.ts";
import { forgive, onChildEvent, onTime, startChild, stopChild } from "./child.ts";
import type { Action, Child, SupervisorEvent, SupervisorState } from "./state.ts";
import { isAlive, newChild } from "./state.ts";

export type Step = readonly [SupervisorState, readonly Action[]];

/** One step. Never throws; unknown names change nothing. */
export function transition(before: SupervisorState, event: SupervisorEvent, around: Circumstances): Step {
  if (before.mode === "ended") return [before, []];
  const awake = wakeUp(before, around);
  const [applied, actions] = apply(awake, event, around);
  const state = withoutLeft(applied);
  if (state.mode === "running") return [state, actions];
  const [wound, more] = windDown(state, around);
  return [wound, [...actions, ...more]];
}

function apply(state: SupervisorState, event: SupervisorEvent, around: Circumstances): Step {
  switch (event.kind) {
    case "tick":
      return eachChild(state, (child) => onTime(child, around));
    case "stop-all":
      return stopAll(state, around);
    case "start":
      if (state.mode !== "running") return [state, []]; // T1
      return oneChild(state, event.name, (child) =>
        child.leaving ? [child, []] : startChild(child, around),
      );
    case "restart":
      if (state.mode !== "running") return [state, []]; // T1
      return oneChild(state, event.name, (child) =>
        child.leaving ? [child, []] : stopChild(child, around, true, around.limits.drainMs),
      );
    case "stop":
      return oneChild(state, event.name, (child) => stopChild(child, around, false, around.limits.drainMs));
    case "add":
      return addChild(state, event.name, around);
    case "remove":
      return oneChild(state, event.name, (child) => {
        const [told, actions] = stopChild(child, around, false, around.limits.drainMs);
        return [{ ...told, leaving: true }, actions];
      });
    default:
      return oneChild(state, event.name, (child) => onChildEvent(child, event, around));
  }
}

/** A name that is there already is not added a second time; one that is leaving stays when it comes back in time. */
function addChild(state: SupervisorState, name: string, around: Circumstances): Step {
  if (state.mode !== "running") return [state, []]; // T1
  const there = state.children.find((child) => child.name === name);
  if (there === undefined) {
    const [child, actions] = startChild(newChild(name), around);
    return [{ ...state, children: [...state.children, child] }, actions];
  }
  if (there.leaving !== true) return [state, []];
  return oneChild(state, name, ({ leaving: _leaving, ...child }) =>
    stopChild(child, around, true, around.limits.drainMs),
  );
}

function withoutLeft(state: SupervisorState): SupervisorState {
  const children = state.children.filter((child) => child.leaving !== true || isAlive(child));
  return children.length === state.children.length ? state : { ...state, children };
}

/** The first Ctrl-C stops in order (`windDown`), the second all at once and shortly, the third kills. */
function stopAll(state: SupervisorState, around: Circumstances): Step {
  if (state.mode === "running") return [{ ...state, mode: "stopping" }, []];
  const withinMs = state.mode === "stopping" ? around.limits.hurryMs : 0;
  return eachChild({ ...state, mode: "hurrying" }, (child) => hurry(child, around, withinMs));
}

function hurry(child: Child, around: Circumstances, withinMs: number): ChildStep {
  const [told] = stopChild(child, around, false, withinMs);
  if (!isAlive(told)) return [told, []];
  if (withinMs === 0) return onTime(told, around);
  return [told, [{ kind: "signal", name: child.name, run: child.run, signal: "SIGTERM" }]];
}

function wakeUp(state: SupervisorState, { now, limits }: Circumstances): SupervisorState {
  const gapMs = now - state.at;
  if (gapMs <= limits.sleepGapMs) return { ...state, at: now };
  return { ...state, at: now, children: state.children.map((child) => forgive(child, gapMs, now)) }; // T3
}

/**
 * Children are stopped in the order of the roster, intake first, so that no new story begins while the others
 * finish theirs; each next one is told when the ones before have ended, or after `stopStaggerMs`.
 */
function windDown(state: SupervisorState, around: Circumstances): Step {
  const { now, limits } = around;
  const actions: Action[] = [];
  let { toldAt } = state;
  let waiting = false;
  const children = state.children.map((child) => {
    if (child.phase.kind === "stopping") {
      waiting ||= state.mode === "stopping" && now - toldAt < limits.stopStaggerMs;
      return child.phase.again ? { ...child, phase: { ...child.phase, again: false } } : child; // T1
    }
    if (isAlive(child) && waiting) return child;
    const [told, more] = stopChild(child, around, false, limits.drainMs);
    actions.push(...more);
    if (isAlive(told)) {
      toldAt = now;
      waiting = true;
    }
    return told;
  });
  if (children.some(isAlive)) return [{ ...state, children, toldAt }, actions];
  return [{ ...state, children, toldAt, mode: "ended" }, [...actions, { kind: "ended" }]]; // T2
}

function eachChild(state: SupervisorState, step: (child: Child) => ChildStep): Step {
  const steps = state.children.map(step);
  return [
    { ...state, children: steps.map(([child]) => child) },
    steps.flatMap(([, actions]) => [...actions]),
  ];
}

function oneChild(state: SupervisorState, name: string, step: (child: Child) => ChildStep): Step {
  return eachChild(state, (child) => (child.name === name ? step(child) : [child, []]));
}
