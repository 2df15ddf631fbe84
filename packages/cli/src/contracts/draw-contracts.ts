/** Contracts for people: the catalogue as a table, one contract on a screen. Pure. */
import type { Contract, Contracts } from "@kloros/bus";
import type { Paint } from "../program/paint.ts";
import { drawTable } from "../program/table.ts";

interface Fact {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly description?: string;
  readonly "x-unit"?: string;
}

export function drawList(contracts: readonly Contract[], paint: Paint): string[] {
  return drawTable(
    ["signal", "kind", "emitted by", "consumed by", "expects"],
    contracts.map(({ name, kind, emitters, consumers, expects, ingress }) => [
      { text: name, paint: paint.bold },
      ingress ? `${kind}, ingress` : kind,
      parties(emitters),
      parties(consumers),
      { text: expects === null ? "" : `within ${String(expects.within_seconds)} s`, paint: paint.dim },
    ]),
    paint,
  );
}

export function drawContract(contract: Contract, contracts: Contracts, paint: Paint): string[] {
  const { name, title, description, version, kind, priority, expects, guard, schema, file } = contract;
  const watchers = contracts.watchersOf(name);
  const required = (schema["required"] ?? []) as readonly string[];
  const facts = Object.entries((schema["properties"] ?? {}) as Record<string, Fact>);
  const examples = (schema["examples"] ?? []) as readonly unknown[];
  return [
    `${paint.bold(name)}  ${title}`,
    description,
    "",
    `version ${String(version)}, ${kind}, priority ${priority}, ${kept(contract)}${contract.ingress ? ", ingress: anybody may ask for it" : ""}`,
    `emitted by   ${parties(contract.emitters)}`,
    `consumed by  ${parties(contract.consumers)}${watchers.length === 0 ? "" : `; watched by ${watchers.join(", ")}`}`,
    ...(contract.ordering_key === null ? [] : [`in order per ${contract.ordering_key}`]),
    ...(expects === null
      ? []
      : [
          `expects      ${expects.any_of.join(" or ")} within ${String(expects.within_seconds)} s, else ${expects.on_timeout} (${expects.suggested_action})`,
        ]),
    ...(guard === null ? [] : [`ends         ${guard}`]),
    ...(file === undefined ? [] : [paint.dim(file)]),
    "",
    ...drawTable(
      ["fact", "type", "meaning"],
      facts.map(([fact, rules]) => [
        required.includes(fact) ? fact : `${fact} (optional)`,
        typeOf(rules),
        `${rules.description ?? ""}${rules["x-unit"] === undefined ? "" : ` In ${rules["x-unit"]}.`}`,
      ]),
      paint,
    ),
    "",
    ...examples.map((example) => `${paint.dim("example")}  ${JSON.stringify(example)}`),
  ];
}

function kept({ kind, retention_days }: Contract): string {
  return kind === "telemetry" ? "not journalled" : `kept ${String(retention_days)} days`;
}

function parties(daemons: readonly string[]): string {
  return daemons.map((daemon) => (daemon === "*" ? "any daemon" : daemon)).join(", ");
}

function typeOf(fact: Fact): string {
  if (fact.enum !== undefined) return fact.enum.map(String).join("|");
  const type = [fact.type ?? "any"].flat().join("|");
  return fact.format === undefined ? type : `${type} (${fact.format})`;
}
