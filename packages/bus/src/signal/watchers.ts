/**
 * Who watches what: a contract with `expects` makes the emitters of its `on_timeout` watchers of the signal itself and of
 * every signal that it awaits, without being listed there. So whoever may say that nothing came hears what comes.
 */
import type { Contract } from "./contract.ts";

/** Stands for every daemon of the roster in a contract's list. */
export const ANY_DAEMON = "*";

/** From each signal that is watched to its watchers. "Any daemon" watches nothing: then all of them would have to. */
export function watchersByName(contracts: Iterable<Contract>): ReadonlyMap<string, ReadonlySet<string>> {
  const byName = new Map([...contracts].map((contract) => [contract.name, contract]));
  const watchers = new Map<string, Set<string>>();
  for (const { name: trigger, expects } of byName.values()) {
    if (expects === null) continue;
    const daemons = (byName.get(expects.on_timeout)?.emitters ?? []).filter((name) => name !== ANY_DAEMON);
    for (const name of [trigger, ...expects.any_of]) {
      const known = watchers.get(name) ?? new Set();
      watchers.set(name, known);
      for (const daemon of daemons) known.add(daemon);
    }
  }
  return watchers;
}
