/** What the contracts say about the signals that rules deal with. Pure. */
import type { Contract, Contracts } from "@kloros/bus";
import { didYouMean } from "@kloros/checked-yaml";

export const ENGINE = "kloros_policy_engine";

export interface Knowledge {
  readonly contracts: Contracts;
  readonly consumed: readonly string[];
  readonly emitted: readonly string[];
}

export function knowledgeOf(contracts: Contracts): Knowledge {
  return {
    contracts,
    consumed: contracts.consumedBy(ENGINE),
    emitted: contracts.names.filter((name) => contracts.mayEmit(ENGINE, name)),
  };
}

/** Names of the facts in a contract; null: any name is right. */
export function factNamesOf(contract: Contract | undefined): readonly string[] {
  const properties = contract?.schema["properties"];
  return typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
}

export function requiredFactsOf(contract: Contract): readonly string[] {
  const required = contract.schema["required"];
  return Array.isArray(required) ? required.map(String) : [];
}

/** What is wrong with a signal's name here, for a message that reads on from a path; null: nothing. */
export function signalProblem(
  { contracts, consumed, emitted }: Knowledge,
  name: string,
  role: "consumed" | "emitted" | "either",
): string | null {
  const allowed = { consumed, emitted, either: [...consumed, ...emitted] }[role];
  if (allowed.includes(name)) return null;
  const meant = didYouMean(name, allowed);
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  if (contracts.get(name) === undefined) return `names ${name}, which has no contract${hint}`;
  const not = { consumed: "does not consume", emitted: "may not emit", either: "neither consumes nor emits" }[
    role
  ];
  return `names ${name}, which the policy engine ${not} (its contract says so); there are ${[...new Set(allowed)].sort().join(", ")}`;
}
