/** `docs/signals.md`: the catalogue for people. */
import type { Contract } from "../../packages/bus/src/signal/contract.ts";
import { watchersByName } from "../../packages/bus/src/signal/watchers.ts";
import type { Catalogue } from "./catalogue.ts";

const KINDS = [
  ["advisory", "Advisories: something was noticed"],
  ["trigger", "Triggers: something is to be done"],
  ["completion", "Completions: something is done"],
  ["error", "Errors and timeouts: something is not done"],
  ["telemetry", "Telemetry: how far something is (volatile)"],
] as const;

const HEADER = `# Signals

Generated from \`schemas/\` by \`npm run generate\`; change the contracts, not this page. A contract is a file
\`schemas/signals/<NAME>.schema.json\` of the form \`schemas/contract.schema.json\`. The same catalogue for tools is
[asyncapi.json](asyncapi.json).

What is emitted is checked strictly: a fact that the contract does not know is refused. What is received is read
tolerantly: it is kept. “Expects” says what must follow, with the same \`correlation_id\`, within what time, and which
signal says that nothing came. Whoever emits that signal watches: it also hears every signal with which such a wait begins
or ends, without being listed as a consumer. Anything marked *ingress* may be asked for from outside: by an intent file, where
\`intent_router\` is among its emitters, or by \`chem-bus emit\`.
`;

/** The page as Markdown. */
export function signalsPage({ contracts, daemons }: Catalogue): string {
  const watching = watchersByName(contracts);
  const watchers = (c: Contract) => [...(watching.get(c.name) ?? [])].filter((d) => !c.consumers.includes(d));
  const index = contracts.map(
    (c) =>
      `| [\`${c.name}\`](#${c.name.toLowerCase()}) | ${c.kind} | ${names(c.emitters)} | ${names(c.consumers)} | ${names(watchers(c))} |`,
  );
  const roster = daemons.map(
    (d) => `| \`${d.name}\` | \`kloros-${d.package}.service\` | ${d.port} | ${d.description} |`,
  );
  const sections = KINDS.map(([kind, title]) =>
    section(
      title,
      contracts.filter((contract) => contract.kind === kind).map((c) => chapter(c, watchers(c))),
    ),
  );
  return [
    HEADER,
    table("| signal | kind | emitted by | consumed by | watched by |", index),
    "## Daemons\n\nPorts are used with `transport: tcp` only; the ledger of each daemon listens 100 above.\n",
    table("| daemon | unit | port | what it does |", roster),
    ...sections,
  ].join("\n");
}

function section(title: string, chapters: readonly string[]): string {
  return [`## ${title}\n`, ...chapters].join("\n");
}

function chapter(contract: Contract, watchers: readonly string[]): string {
  const { name, description, schema } = contract;
  const facts = Object.entries((schema["properties"] ?? {}) as Record<string, Fact>);
  const required = new Set((schema["required"] ?? []) as string[]);
  const rows = facts.map(
    ([fact, rules]) =>
      `| \`${fact}\`${required.has(fact) ? "" : " (optional)"} | ${typeOf(rules)} | ${wordsOf(rules)} |`,
  );
  const examples = (schema["examples"] as readonly unknown[]).map(
    (example) => `\`\`\`json\n${JSON.stringify(example, null, 2)}\n\`\`\`\n`,
  );
  return [
    `### ${name}\n`,
    `${description}\n`,
    `${traits(contract, watchers)
      .map((trait) => `- ${trait}`)
      .join("\n")}\n`,
    table("| fact | type | meaning |", rows),
    ...examples,
  ].join("\n");
}

function traits(c: Contract, watchers: readonly string[]): string[] {
  const lines = [
    `Version ${c.version}, priority ${c.priority}, ${c.kind === "telemetry" ? "not journalled" : `kept ${c.retention_days} days`}${c.ingress ? ", ingress" : ""}`,
    `Emitted by ${names(c.emitters)}; consumed by ${names(c.consumers)}${watchers.length === 0 ? "" : `; watched by ${names(watchers)}`}`,
  ];
  if (c.ordering_key !== null) lines.push(`In order per \`${c.ordering_key}\``);
  if (c.expects !== null) {
    const { any_of, within_seconds, on_timeout, suggested_action, match } = c.expects;
    const same = match === undefined ? "" : ` with the same \`${match}\``;
    lines.push(
      `Expects ${any_of.map((name) => `\`${name}\``).join(" or ")}${same} within ${within_seconds} s, else \`${on_timeout}\` (\`${suggested_action}\`)`,
    );
  }
  if (c.guard !== null) lines.push(`Ends: ${c.guard}`);
  return lines;
}

interface Fact {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly items?: Fact;
  readonly format?: string;
  readonly description: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly "x-unit"?: string;
}

function typeOf(fact: Fact): string {
  if (fact.enum !== undefined) return fact.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (fact.items !== undefined) return `array of ${typeOf(fact.items)}`;
  const type = [fact.type ?? "any"].flat().join(" or ");
  return fact.format === undefined ? type : `${type} (${fact.format})`;
}

function wordsOf(fact: Fact): string {
  const words = [fact.description];
  if (fact["x-unit"] !== undefined) words.push(`In ${fact["x-unit"]}.`);
  if (fact.minimum !== undefined && fact.maximum !== undefined)
    words.push(`From ${fact.minimum} to ${fact.maximum}.`);
  return words.join(" ").replaceAll("|", "\\|");
}

function names(daemons: readonly string[]): string {
  return daemons.map((daemon) => (daemon === "*" ? "any daemon" : `\`${daemon}\``)).join(", ");
}

function table(header: string, rows: readonly string[]): string {
  const rule = header.replaceAll(/[^|]+/g, " --- ");
  return `${[header, rule, ...rows].join("\n")}\n`;
}
