/**
 * What no single contract file can get wrong, but all of them together: parties that do not exist, waits that nobody ends,
 * stories that never end. Run by `npm run generate`, in the tests, and over users' own contracts.
 */
import { causalityOf, cycleThrough, type Causality } from "./causality.ts";
import type { Contract, Contracts } from "./contract.ts";
import { expectationFindings } from "./lint-expectations.ts";
import { type LintFinding, lintFinding, type LintRule } from "./lint-finding.ts";
import { schemaProblems } from "./schema-problems.ts";
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
  const { emitters, consumers, ingress } = contract;
  const known = new Set([ANY_DAEMON, ...contracts.daemons.map((daemon) => daemon.name)]);
  const findings: LintFinding[] = [];
  const find = (rule: LintRule, pointer: string, message: string) =>
    findings.push(lintFinding(contract, rule, `/x-signal${pointer}`, message));
  for (const [role, daemons] of Object.entries({ emitters, consumers })) {
    for (const [n, daemon] of daemons.entries()) {
      if (!known.has(daemon)) find("unknown-daemon", `/${role}/${n}`, `${daemon} is not in daemons.json`);
    }
  }
  if (emitters.length === 0 && ingress)
    find("ingress-without-emitter", "/emitters", "the outside may ask for it, but no daemon may emit it");
  else if (emitters.length === 0) find("never-emitted", "/emitters", "no daemon emits it");
  if (consumers.length === 0) find("never-consumed", "/consumers", "no daemon consumes it");
  return findings;
}

/** Foreign clients subscribe by prefix: a name that begins another would hear both. */
function prefixFindings(contract: Contract, names: readonly string[]): LintFinding[] {
  const longer = names.filter((name) => name !== contract.name && name.startsWith(contract.name));
  return longer.map((name) => lintFinding(contract, "name-is-prefix", "", `its name begins ${name}`));
}

/** Examples are judged only by a schema that is one. */
function exampleFindings(contract: Contract, contracts: Contracts): LintFinding[] {
  const { name, schema } = contract;
  const misshapen = schemaProblems(name, contracts);
  if (misshapen.length > 0)
    return misshapen.map(({ path, message }) => lintFinding(contract, "invalid-schema", path, message));
  const examples = (schema["examples"] ?? []) as readonly unknown[];
  return examples.flatMap((example, index) =>
    contracts
      .problemsOut(name, example)
      .map(({ path, message }) =>
        lintFinding(contract, "invalid-example", `/examples/${index}${path}`, message),
      ),
  );
}

function pointerFindings(contract: Contract, contracts: Contracts): LintFinding[] {
  const { ordering_key, expects } = contract;
  const missing = (pointer: string, of: Contract, role: string): LintFinding[] => {
    if (hasFact(of, pointer)) return [];
    const place = `/x-signal/${role.replace(".", "/")}`;
    return [lintFinding(contract, "unknown-fact", place, `${role} ${pointer} is not a fact of ${of.name}`)];
  };
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
    const contract = all.find(({ name }) => name === signal)!;
    return [lintFinding(contract, "unguarded-cycle", "/x-signal", `nothing ends ${cycle.join(" → ")}`)];
  });
}
