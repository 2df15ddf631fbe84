/**
 * What no single contract file can get wrong, but all of them together: parties that do not exist, waits that nobody ends,
 * stories that never end. Run by `npm run generate`, in the tests, and over users' own contracts.
 */
import { causalityOf, cycleThrough, type Causality } from "./causality.ts";
import type { Contract, Contracts } from "./contract.ts";
import { expectationFindings } from "./lint-expectations.ts";
import type { LintFinding } from "./lint-finding.ts";
import { ANY_DAEMON } from "./watchers.ts";

/** Everything that is wrong with a set of contracts; empty when nothing is. */
export function lintContracts(contracts: Contracts): readonly LintFinding[] {
  const all = contracts.names.map((name) => contracts.get(name)!);
  const causality = causalityOf(contracts);
  const each = all.flatMap((contract) => [
    ...partyFindings(contract, contracts),
    ...prefixFindings(contract, contracts.names),
    ...exampleFindings(contract, contracts),
    ...pointerFindings(contract, contracts),
    ...expectationFindings(contract, contracts, causality),
  ]);
  return [...each, ...cycleFindings(all, causality)];
}

function partyFindings(contract: Contract, contracts: Contracts): LintFinding[] {
  const { name: signal, emitters, consumers, ingress } = contract;
  const known = new Set([ANY_DAEMON, ...contracts.daemons.map((daemon) => daemon.name)]);
  const findings: LintFinding[] = [];
  for (const daemon of [...emitters, ...consumers]) {
    if (!known.has(daemon))
      findings.push({ rule: "unknown-daemon", signal, message: `${daemon} is not in daemons.json` });
  }
  if (emitters.length === 0 && ingress) {
    findings.push({
      rule: "ingress-without-emitter",
      signal,
      message: "the outside may ask for it, but no daemon may emit it",
    });
  } else if (emitters.length === 0)
    findings.push({ rule: "never-emitted", signal, message: "no daemon emits it" });
  if (consumers.length === 0)
    findings.push({ rule: "never-consumed", signal, message: "no daemon consumes it" });
  return findings;
}

/** Foreign clients subscribe by prefix: a name that begins another would hear both. */
function prefixFindings({ name: signal }: Contract, names: readonly string[]): LintFinding[] {
  const longer = names.filter((name) => name !== signal && name.startsWith(signal));
  return longer.map((name) => ({
    rule: "name-is-prefix",
    signal,
    message: `its name begins ${name}; rename one of them`,
  }));
}

function exampleFindings({ name: signal, schema }: Contract, contracts: Contracts): LintFinding[] {
  const examples = (schema["examples"] ?? []) as readonly unknown[];
  return examples.flatMap((example, index) =>
    contracts.problemsOut(signal, example).map(({ path, message }) => ({
      rule: "invalid-example" as const,
      signal,
      message: `examples/${index}${path} ${message}`,
    })),
  );
}

function pointerFindings(contract: Contract, contracts: Contracts): LintFinding[] {
  const { name: signal, ordering_key, expects } = contract;
  const missing = (pointer: string, of: Contract, role: string): LintFinding[] =>
    hasFact(of, pointer)
      ? []
      : [{ rule: "unknown-fact", signal, message: `${role} ${pointer} is not a fact of ${of.name}` }];
  const findings = ordering_key === null ? [] : missing(ordering_key, contract, "ordering_key");
  if (expects?.match === undefined) return findings;
  const matched = [
    contract,
    ...expects.any_of.map((name) => contracts.get(name)).filter((found) => found !== undefined),
  ];
  return [...findings, ...matched.flatMap((of) => missing(expects.match!, of, "expects.match"))];
}

/** Follows `properties` only: a key or a match must be a fact that the contract spells out. */
function hasFact({ schema }: Contract, pointer: string): boolean {
  let level: unknown = schema;
  for (const part of pointer.slice(1).split("/")) {
    const properties = (level as { properties?: Record<string, unknown> }).properties ?? {};
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (!Object.hasOwn(properties, name)) return false;
    level = properties[name];
  }
  return true;
}

/** Guarded signals are taken out; whatever still goes round has no end declared. Each cycle is told once. */
function cycleFindings(all: readonly Contract[], causality: Causality): LintFinding[] {
  const unguarded = new Set(
    all.filter((contract) => contract.guard === null).map((contract) => contract.name),
  );
  const rest: Causality = new Map([...causality].filter(([name]) => unguarded.has(name)));
  const told = new Set<string>();
  return [...unguarded].flatMap((signal) => {
    const cycle = told.has(signal) ? null : cycleThrough(signal, rest);
    if (cycle === null) return [];
    for (const name of cycle) told.add(name);
    return [
      {
        rule: "unguarded-cycle" as const,
        signal,
        message: `${cycle.join(" → ")}: declare a guard that says why this ends`,
      },
    ];
  });
}
