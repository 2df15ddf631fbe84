/**
 * `{name}` in the words of a program's command line. Names are checked when `dream.yaml` is read, so that filling in cannot meet an
 * unknown one. Whatever else stands in braces (`{"a": 1}`, `{A}`) is text. A value is one word or part of one; no shell sees it.
 */
import { KlorosError } from "@kloros/bus";
import type { Command } from "./dream-file/dream-file.ts";

/**
 * `node`: this Node.js. `home`, `workspace`: as of the daemons. `experiments`: folder of the shipped experiments. `work`: scratch
 * folder, the working folder. `artifact`: the file made of the parameters. `version`: folder of the version in question;
 * `current`: of the one in use. All paths are absolute.
 */
export type PlaceholderName =
  | "node"
  | "home"
  | "workspace"
  | "experiments"
  | "work"
  | "artifact"
  | "version"
  | "current"
  | "cycle_id"
  | "candidate_id"
  | "seed";

export type Placeholders = Readonly<Partial<Record<PlaceholderName, string>>>;

/** Programs whose commands stand in `dream.yaml`. */
export type CommandKind = "evaluator" | "mutator" | "validate" | "probation";

const ANYWHERE = ["node", "home", "workspace", "experiments", "work", "artifact", "cycle_id"] as const;
const CANDIDATE = [...ANYWHERE, "candidate_id", "seed"] as const;
const VERSION = [...ANYWHERE, "version", "current"] as const;

/** What may stand in which command. A mutator's `{artifact}` is the file that it has to write. */
export const COMMAND_PLACEHOLDERS = {
  evaluator: CANDIDATE,
  mutator: CANDIDATE,
  validate: VERSION,
  probation: VERSION,
} as const satisfies Record<CommandKind, readonly PlaceholderName[]>;

const PLACEHOLDER = /\{([a-z][a-z_]*)\}/g;

/**
 * A word of a command has a placeholder that has no value here.
 * Use one of the placeholders that its command may have: a program is only given what exists when it runs.
 */
export class PlaceholderMissingError extends KlorosError {
  readonly placeholder: string;

  constructor(placeholder: string, word: string) {
    super("E_PLACEHOLDER_MISSING", `{${placeholder}} in ${JSON.stringify(word)} has no value here`);
    this.placeholder = placeholder;
  }
}

/** What is wrong with the placeholders of one word of a command; empty: nothing. */
export function placeholderProblems(word: string, kind: CommandKind): string[] {
  const allowed: readonly string[] = COMMAND_PLACEHOLDERS[kind];
  return [...word.matchAll(PLACEHOLDER)]
    .map((match) => match[1]!)
    .filter((name) => !allowed.includes(name))
    .map((name) => `{${name}} means nothing here; use ${allowed.map((known) => `{${known}}`).join(" ")}`);
}

/**
 * The words with their placeholders filled in.
 * @throws {PlaceholderMissingError} a placeholder has no value
 */
export function fillCommand(command: Command, values: Placeholders): string[] {
  return command.map((word) => fillWord(word, values));
}

/** The same; what is wrong, where a placeholder has no value. */
export function tryFillCommand(command: Command, values: Placeholders): string[] | string {
  try {
    return fillCommand(command, values);
  } catch (cause) {
    if (cause instanceof PlaceholderMissingError) return cause.message;
    throw cause;
  }
}

function fillWord(word: string, values: Placeholders): string {
  return word.replace(PLACEHOLDER, (_match, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name as PlaceholderName] : undefined;
    if (value === undefined) throw new PlaceholderMissingError(name, word);
    return value;
  });
}
