/** What became of each intent. The answer is a list of faults in words, with ids; an empty one is what is wanted. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Audit, type Envelope, readDeadLetters, readJsonLines } from "@kloros/bus";
import { parseDocument } from "yaml";
import { ask } from "./commands.ts";
import { readSignals } from "./signals.ts";
import type { TinyModule } from "./tiny-modules.ts";

/** Examples named for one kind of fault; there may be thousands. */
const MAX_EXAMPLES = 8;
/** An entry that a person wrote into the registry before anything ran. */
export const HAND_WRITTEN = `# Written by hand; stays as it is.
handmade:
  module: src.handmade  # of my own
  enabled: false
`;

/** All that is wrong with a stopped mesh that was asked once for each of `modules`. */
export async function faultsOf(
  home: string,
  workspace: string,
  modules: readonly TinyModule[],
): Promise<string[]> {
  return [
    ...faultsOfSignals(await readSignals(home), modules),
    ...(await faultsOfRecords(home, modules)),
    ...(await faultsOfRegistry(home, modules)),
    ...(await faultsOfFiles(home, workspace, modules)),
    ...(await faultsOfBooks(home, modules.length)),
  ];
}

function faultsOfSignals(signals: ReadonlyMap<string, readonly Envelope[]>, modules: readonly TinyModule[]) {
  const named = (name: string): readonly Envelope[] => signals.get(name) ?? [];
  const asked = named("Q_CURIOSITY_INVESTIGATE");
  const completed = named("Q_INVESTIGATION_COMPLETE");
  const settled = [...named("Q_MODULE_INTEGRATED"), ...named("Q_INTEGRATION_FAILED")];
  const discovered = named("Q_MODULE_DISCOVERED");
  const questions = modules.map(({ question_id }) => question_id);
  const question = (envelope: Envelope) => String(envelope.facts["question_id"]);
  const cause = (envelope: Envelope) => String(envelope.causation_id);
  const ids = (envelopes: readonly Envelope[]) => envelopes.map(({ id }) => id);
  const story = (envelope: Envelope) => envelope.correlation_id;
  const all = [...signals.values()].flat();
  return [
    ...oneEach("questions asked", questions, asked.map(question)),
    ...oneEach("completions of a question id", questions, completed.map(question)),
    ...oneEach("completions of a question's signal", ids(asked), completed.map(cause)),
    ...oneEach("completions in a story", ids(asked), completed.map(story)),
    ...oneEach("outcomes in a story", ids(asked), settled.map(story)),
    ...oneEach("outcomes of a completion", ids(completed), settled.map(cause)),
    ...oneEach("discoveries of an integration", ids(named("Q_MODULE_INTEGRATED")), discovered.map(cause)),
    ...oneEach("discoveries in a story", ids(asked), discovered.map(story)),
    ...few("signals share the id", repeated(ids(all))),
    ...few(
      "investigations failed",
      completed.filter(({ facts }) => facts["status"] !== "completed").map(shown),
    ),
    ...few("integrations failed", named("Q_INTEGRATION_FAILED").map(shown)),
    ...few("alerts were raised", named("Q_HEALTH_ALERT").filter(tellsOfAFault).map(shown)),
  ];
}

/** True of a mesh that is killed again and again on a busy machine, so no fault of it. Any other alert is one. */
const TRUE_OF_TORMENTED: readonly unknown[] = ["daemon_restarts", "event_loop_delay"];

export function tellsOfAFault({ facts }: { readonly facts: Readonly<Record<string, unknown>> }): boolean {
  return !TRUE_OF_TORMENTED.includes(facts["alert_type"]);
}

async function faultsOfRecords(home: string, modules: readonly TinyModule[]): Promise<string[]> {
  const records: { investigation_id: string; question_id: string }[] = [];
  const torn: string[] = [];
  const lines = readJsonLines(join(home, "curiosity_investigations.jsonl"), {
    onSkip: (line) => torn.push(JSON.stringify(line)),
  });
  for await (const { value } of lines) records.push(value as (typeof records)[number]);
  return [
    ...oneEach(
      "records of a question",
      modules.map(({ question_id }) => question_id),
      records.map(({ question_id }) => question_id),
    ),
    ...few("records share the id", repeated(records.map(({ investigation_id }) => investigation_id))),
    ...few("lines of the records are torn", torn),
  ];
}

async function faultsOfRegistry(home: string, modules: readonly TinyModule[]): Promise<string[]> {
  const text = await readFile(join(home, "capabilities.yaml"), "utf8");
  const document = parseDocument(text);
  const entries = (document.toJS() ?? {}) as Record<string, { path?: string; investigation_id?: string }>;
  const added = Object.entries(entries).filter(([name]) => name !== "handmade");
  const paths = modules.map(({ path }) => path);
  return [
    ...few(
      "errors are in capabilities.yaml",
      document.errors.map(({ message }) => message),
    ),
    ...(text.startsWith(HAND_WRITTEN) ? [] : ["the entry and comments written by hand were changed"]),
    ...oneEach(
      "registry entries of a module",
      paths,
      added.map(([, { path }]) => String(path)),
    ),
    ...few(
      "registry entries share the investigation",
      repeated(added.map(([, entry]) => String(entry.investigation_id))),
    ),
  ];
}

async function faultsOfFiles(
  home: string,
  workspace: string,
  modules: readonly TinyModule[],
): Promise<string[]> {
  const below = async (folder: string) => readdir(join(home, "intents", folder)).catch(() => []);
  const { letters, unreadable } = await readDeadLetters(home);
  const inits = modules.filter(({ path }) => !existsSync(join(workspace, path, "__init__.py")));
  return [
    ...few(
      "intent files were left",
      (await below(".")).filter((name) => name.endsWith(".json")),
    ),
    ...few("intents were rejected", await below("rejected")),
    ...few("intents were taken for duplicates", await below("duplicate")),
    ...few("routed files were left", await below(".routed")),
    ...few(
      "dead letters were written",
      letters.map((letter) => `${letter.daemon}: ${letter.error}`),
    ),
    ...(unreadable > 0 ? [`${unreadable} lines of failed_signals.jsonl are torn`] : []),
    ...few(
      "packages lack __init__.py",
      inits.map(({ path }) => path),
    ),
    ...few(
      "unfinished files were left in the home",
      (await readdir(home)).filter((name) => /\.tmp|~$/.test(name)),
    ),
  ];
}

/** `chem-bus audit` as a user asks it. */
async function faultsOfBooks(home: string, count: number): Promise<string[]> {
  const audit = await ask<Audit>("chem-bus", "audit", "--home", home);
  const chain = ["Q_CURIOSITY_INVESTIGATE", "Q_INVESTIGATION_COMPLETE", "Q_MODULE_INTEGRATED"];
  const rows = chain.map((signal) => audit.rows.find((row) => row.signal === signal));
  const whole = rows.every((row) => row?.emitted === count && row.handled === count);
  const settled = audit.rows.every((row) => row.pending + row.expired + row.dead_lettered === 0);
  if (audit.balanced && whole && settled) return [];
  return [`the books do not say that all ${count} were handled: ${JSON.stringify(audit)}`];
}

/** Each of `wanted` must be found once, and nothing else. */
function oneEach(what: string, wanted: readonly string[], found: readonly string[]): string[] {
  const known = new Set(wanted);
  const seen = new Set(found);
  return [
    ...few(
      `${what}: missing`,
      wanted.filter((key) => !seen.has(key)),
    ),
    ...few(`${what}: more than one`, repeated(found)),
    ...few(
      `${what}: nobody asked`,
      found.filter((key) => !known.has(key)),
    ),
  ];
}

function repeated(keys: readonly string[]): string[] {
  const seen = new Set<string>();
  return keys.filter((key) => seen.size === seen.add(key).size);
}

function few(what: string, examples: readonly string[]): string[] {
  if (examples.length === 0) return [];
  return [`${what} (${examples.length}): ${examples.slice(0, MAX_EXAMPLES).join(", ")}`];
}

function shown({ id, facts }: Envelope): string {
  return `${id} ${JSON.stringify(facts)}`;
}
