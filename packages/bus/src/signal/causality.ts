/**
 * What may cause what, as far as contracts tell: a signal may cause every signal that one of its consumers emits, and the
 * timeout that it is waited for with. A watcher's other signals are not caused by what it watches.
 * This is more than will happen; so a cycle found here is asked to say why it ends, and a path not found is impossible.
 */
import type { Contracts } from "./contract.ts";

/** From each signal to the signals it may cause. */
export type Causality = ReadonlyMap<string, readonly string[]>;

export function causalityOf(contracts: Contracts): Causality {
  const emittedBy = new Map<string, string[]>();
  for (const name of contracts.names) {
    for (const daemon of contracts.emittersOf(name))
      emittedBy.set(daemon, [...(emittedBy.get(daemon) ?? []), name]);
  }
  const effects = new Map<string, Set<string>>(contracts.names.map((name) => [name, new Set()]));
  for (const [cause, caused] of effects) {
    for (const daemon of contracts.consumersOf(cause)) {
      for (const effect of emittedBy.get(daemon) ?? []) caused.add(effect);
    }
    const timeout = contracts.get(cause)?.expects?.on_timeout;
    if (timeout !== undefined && effects.has(timeout)) caused.add(timeout);
  }
  return new Map([...effects].map(([name, set]) => [name, [...set]]));
}

/** Every signal that `start` may cause, directly or through others but `except`. */
export function reachableFrom(start: string, except: string, causality: Causality): ReadonlySet<string> {
  const reached = new Set([except]);
  const open = [...(causality.get(start) ?? [])];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    open.push(...(causality.get(name) ?? []));
  }
  return reached;
}

/** The shortest way from a signal back to itself, both ends included; null when there is none. */
export function cycleThrough(start: string, causality: Causality): readonly string[] | null {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (let at = 0; at < queue.length; at++) {
    const cause = queue[at]!;
    for (const effect of causality.get(cause) ?? []) {
      if (effect === start) return [...pathTo(cause, start, cameFrom), start];
      if (cameFrom.has(effect)) continue;
      cameFrom.set(effect, cause);
      queue.push(effect);
    }
  }
  return null;
}

function pathTo(end: string, start: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const path = [end];
  for (let name = end; name !== start;) {
    name = cameFrom.get(name)!;
    path.unshift(name);
  }
  return path;
}
