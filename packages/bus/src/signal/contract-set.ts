/**
 * All contracts of a mesh behind one door: who may emit, who consumes, what is valid.
 * Keeps P8: strict for what goes out, tolerant for what comes in. Generated validators are used where their hash says that
 * they were made from this very contract; any other contract is compiled on first use.
 */
import { compileContract } from "./compile-validators.ts";
import type { Contract, Contracts, DaemonInfo, FactsProblem } from "./contract.ts";
import { problemsOf, type Validator, type ValidatorPair } from "./validator.ts";
import { ANY_DAEMON, watchersByName } from "./watchers.ts";

type Generated = Readonly<Record<string, ValidatorPair>>;

/** Joins contracts, roster and generated validators. Names must be unique. */
export function createContracts(
  contracts: readonly Contract[],
  daemons: readonly DaemonInfo[],
  generated: Generated,
): Contracts {
  const byName = new Map(contracts.map((contract) => [contract.name, contract]));
  const validators = new Map<string, ValidatorPair>();
  const roster = daemons.map((daemon) => daemon.name);
  const named = (list: readonly string[]): readonly string[] => (list.includes(ANY_DAEMON) ? roster : list);
  const watchers = watchersByName(contracts);
  const consumersOf = (name: string): readonly string[] => named(byName.get(name)?.consumers ?? []);
  const watchersOf = (name: string): readonly string[] => {
    const consumers = consumersOf(name);
    return [...(watchers.get(name) ?? [])].filter((daemon) => !consumers.includes(daemon));
  };

  function pairOf(name: string): ValidatorPair | undefined {
    const known = validators.get(name);
    const contract = known === undefined ? byName.get(name) : undefined;
    if (contract === undefined) return known;
    const ready = Object.hasOwn(generated, name) ? generated[name] : undefined;
    const pair = ready?.hash === contract.hash ? ready : compileContract(contract);
    validators.set(name, pair);
    return pair;
  }

  function problems(
    name: string,
    facts: unknown,
    choose: (pair: ValidatorPair) => Validator,
  ): readonly FactsProblem[] {
    const pair = pairOf(name);
    return pair === undefined
      ? [{ path: "", message: unknownSignal(name, byName.keys()) }]
      : problemsOf(choose(pair), facts);
  }

  return {
    names: [...byName.keys()].sort(),
    daemons,
    get: (name) => byName.get(name),
    problemsOut: (name, facts) => problems(name, facts, strictOf),
    problemsIn: (name, facts) => problems(name, facts, tolerantOf),
    mayEmit: (daemon, name) => {
      const emitters = byName.get(name)?.emitters ?? [];
      return emitters.includes(daemon) || (emitters.includes(ANY_DAEMON) && roster.includes(daemon));
    },
    emittersOf: (name) => named(byName.get(name)?.emitters ?? []),
    consumersOf,
    watchersOf,
    consumedBy: (daemon) =>
      contracts
        .map((contract) => contract.name)
        .filter((name) => consumersOf(name).includes(daemon) || watchersOf(name).includes(daemon)),
  };
}

const strictOf = (pair: ValidatorPair): Validator => pair.strict;
const tolerantOf = (pair: ValidatorPair): Validator => pair.tolerant;

/** Says that no contract has this name, and which names come close. */
export function unknownSignal(name: string, names: Iterable<string>): string {
  const action = name.split("_").slice(0, 2).join("_");
  const close = [...names].filter((known) => known.startsWith(`${action}_`));
  const hint = close.length > 0 ? `; known and similar: ${close.join(", ")}` : "";
  return `no contract is named ${name}${hint}; contracts are the files schemas/signals/<NAME>.schema.json`;
}
