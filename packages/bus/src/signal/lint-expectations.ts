/** Lint of `expects`: waits that nobody can end, that nobody can hear the end of, or whose timeout nobody can tell. */
import { reachableFrom, type Causality } from "./causality.ts";
import type { Contract, Contracts, Expectation } from "./contract.ts";
import { type LintFinding, lintFinding } from "./lint-finding.ts";
import { TIMEOUT_FACTS } from "./timeout-facts.ts";
import { ANY_DAEMON } from "./watchers.ts";

export function expectationFindings(
  contract: Contract,
  contracts: Contracts,
  causality: Causality,
): LintFinding[] {
  const { name: signal, kind, expects } = contract;
  if (expects === null) return [];
  const messages = [
    ...(kind === "telemetry" ? [unheard(signal)] : []),
    ...awaitedProblems(signal, expects, contracts, causality),
    ...timeoutProblems(expects, contracts),
  ];
  return messages.map((message) =>
    lintFinding(contract, "unfulfillable-expectation", "/x-signal/expects", message),
  );
}

function awaitedProblems(
  signal: string,
  { any_of, on_timeout }: Expectation,
  contracts: Contracts,
  causality: Causality,
): string[] {
  // What only follows from the timeout does not fulfil the expectation.
  const reachable = reachableFrom(signal, on_timeout, causality);
  return any_of.flatMap((name) => {
    const contract = contracts.get(name);
    if (contract === undefined) return [`expects ${name}, which has no contract`];
    if (contract.kind === "telemetry") return [unheard(name)];
    return reachable.has(name) ? [] : [`expects ${name}, but no consumer of ${signal} leads to it`];
  });
}

function timeoutProblems({ any_of, on_timeout }: Expectation, contracts: Contracts): string[] {
  const contract = contracts.get(on_timeout);
  if (contract === undefined) return [`on_timeout ${on_timeout} has no contract`];
  const problems: string[] = [];
  if (contract.emitters.length === 0) problems.push(`on_timeout ${on_timeout} has no emitter`);
  else if (contract.emitters.includes(ANY_DAEMON))
    problems.push(`on_timeout ${on_timeout} may be emitted by any daemon: name the one that watches`);
  if (any_of.includes(on_timeout))
    problems.push(`${on_timeout} cannot both be awaited and say that nothing came`);
  const required = (contract.schema["required"] ?? []) as readonly string[];
  const unknown = required.filter((fact) => !(TIMEOUT_FACTS as readonly string[]).includes(fact));
  if (unknown.length > 0)
    problems.push(
      `on_timeout ${on_timeout} requires ${unknown.join(", ")}, which a timeout cannot know; it knows ${TIMEOUT_FACTS.join(", ")}`,
    );
  return problems;
}

function unheard(name: string): string {
  return `${name} is telemetry, which is not journalled: a wait that begins or ends with it may miss it`;
}
