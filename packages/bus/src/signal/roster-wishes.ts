/**
 * A daemon of a user's own hears signals whose contracts are not his to change: its entry in the roster says which
 * (`consumes`), and what it asks for like anybody from outside (`emits`). Here the wishes become part of the contracts,
 * so that everything that follows from contracts (subscriptions, rights, retention, audit) follows from them too. Pure.
 */
import type { Contract, DaemonInfo } from "./contract.ts";
import { ANY_DAEMON } from "./watchers.ts";

export interface RefusedWish {
  readonly daemon: string;
  readonly message: string;
}

/** The contracts with all daemons that asked to be in them, and the wishes that cannot be granted. */
export function withWishes(
  contracts: readonly Contract[],
  daemons: readonly DaemonInfo[],
): { contracts: readonly Contract[]; refused: readonly RefusedWish[] } {
  const byName = new Map(contracts.map((contract) => [contract.name, contract]));
  const refused: RefusedWish[] = [];
  for (const { name: daemon, consumes = [], emits = [] } of daemons) {
    for (const signal of [...consumes, ...emits]) {
      if (!byName.has(signal)) refused.push({ daemon, message: `names ${signal}, which has no contract` });
    }
    for (const contract of known(byName, consumes))
      byName.set(contract.name, { ...contract, consumers: joined(contract.consumers, daemon) });
    for (const contract of known(byName, emits)) {
      if (contract.ingress || contract.emitters.includes(ANY_DAEMON) || contract.emitters.includes(daemon))
        byName.set(contract.name, { ...contract, emitters: joined(contract.emitters, daemon) });
      else
        refused.push({
          daemon,
          message: `cannot emit ${contract.name}: only signals with ingress may be asked for by others than ${contract.emitters.join(", ")}`,
        });
    }
  }
  return { contracts: [...byName.values()], refused };
}

function known(byName: ReadonlyMap<string, Contract>, names: readonly string[]): Contract[] {
  return names.map((name) => byName.get(name)).filter((contract) => contract !== undefined);
}

function joined(daemons: readonly string[], daemon: string): readonly string[] {
  return daemons.includes(daemon) || daemons.includes(ANY_DAEMON) ? daemons : [...daemons, daemon];
}
