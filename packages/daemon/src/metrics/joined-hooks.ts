/** Several who listen to one node. */
import type { NodeHooks } from "@kloros/bus";

/** Calls all of them, in their order; a hook that nobody has stays away, so that nothing is computed for it. */
export function joinedHooks(...all: readonly NodeHooks[]): NodeHooks {
  const calls = new Map<string, ((told: never) => void)[]>();
  for (const hooks of all) {
    for (const [name, call] of Object.entries(hooks) as [string, (told: never) => void][])
      calls.set(name, [...(calls.get(name) ?? []), call]);
  }
  const joined = [...calls].map(([name, hooks]) => [
    name,
    (told: never) => {
      for (const hook of hooks) hook(told);
    },
  ]);
  return Object.fromEntries(joined) as NodeHooks;
}
