/** `kloros new signal`: a contract that passes the lint, to be given its facts by its author. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type Contracts, writeFileAtomic } from "@kloros/bus";
import { contractsIn, foldersOf } from "../contracts/contract-folders.ts";
import { lintFolders, type LintProblem, problemLine } from "../contracts/lint-folders.ts";
import { answerNo, usageError } from "../program/errors.ts";
import { remark } from "../program/output.ts";
import { readIfThere } from "../program/read-if-there.ts";
import { contract } from "./daemon/contract-texts.ts";
import { knownOr, signalConflict, signalNameProblem } from "./names.ts";
import { withSignalsTable } from "./signals-table.ts";
import { writeNewFiles } from "./write-new-files.ts";

export interface NewSignalOptions {
  readonly name: string;
  readonly dir: string;
  readonly emitters: readonly string[];
  readonly consumers: readonly string[];
  readonly kind: string;
  readonly home: string;
}

export interface NewSignal {
  readonly signal: string;
  readonly file: string;
  readonly emitters: readonly string[];
  readonly consumers: readonly string[];
  /** README whose table was completed; null when it has none. */
  readonly readme: string | null;
}

const KINDS = ["advisory", "trigger", "completion", "error", "telemetry"];
/** Who consumes a signal when nobody is named. */
export const TAKES_ANY = "kloros_policy_engine";

/** @throws {CommandError} 64 a name that cannot be, 1 one that is taken, contracts that are not in order */
export async function newSignal(options: NewSignalOptions): Promise<NewSignal> {
  const { name, kind, dir } = options;
  const wrong = signalNameProblem(name);
  if (wrong !== null) throw usageError(wrong);
  if (!KINDS.includes(kind)) throw usageError(`--kind ${kind}: must be one of ${KINDS.join(", ")}`);
  const folder = resolve(dir);
  if (!existsSync(join(folder, "signals")))
    throw usageError(
      `${folder} has no folder signals/: go to the package of your daemon, or name its folder with --dir`,
    );
  const folders = await foldersOf(options.home, [folder]);
  const before = sound(folders);
  const conflict = signalConflict(name, before.names);
  if (conflict !== null) throw answerNo(conflict);
  const { emitters, consumers } = partiesOf(options, before, folder);
  const file = join("signals", `${name}.schema.json`);
  const draft = (guard?: string) => draftOf(name, kind, emitters, consumers, guard);
  await writeNewFiles(folder, new Map([[file, draft()]]));
  const path = join(folder, file);
  const circle = problemsOf(folders).find(({ message }) => message.startsWith("nothing ends "));
  if (circle !== undefined) {
    await writeFileAtomic(path, draft("Each of these is emitted at most once for each that is heard."), {
      mode: 0o644,
    });
    remark(
      `${name} may lead to itself (${circle.message.slice("nothing ends ".length)}): say in x-signal.guard why that ends`,
    );
  }
  const left = problemsOf(folders);
  if (left.length > 0) {
    await rm(path);
    throw answerNo(`${left.map(problemLine).join("\n")}\nnothing was written`);
  }
  return { signal: name, file: path, emitters, consumers, readme: await completeReadme(folder, folders) };
}

/** A folder that is not in order is put in order first: else nobody can tell whose mistake is whose. */
function sound(folders: readonly string[]): Contracts {
  const linted = lintFolders(folders);
  if (linted.kind === "sound") return linted.contracts;
  throw answerNo(`${linted.problems.map(problemLine).join("\n")}\nput these in order first`);
}

function problemsOf(folders: readonly string[]): readonly LintProblem[] {
  const linted = lintFolders(folders);
  return linted.kind === "sound" ? [] : linted.problems;
}

function partiesOf(options: NewSignalOptions, contracts: Contracts, folder: string) {
  const roster = contracts.daemons.map(({ name }) => name);
  const own = contracts.daemons
    .filter(({ main }) => main?.startsWith(dirname(folder)))
    .map(({ name }) => name);
  const [only, ...others] = own;
  const emitters = options.emitters.length > 0 ? options.emitters : only === undefined ? [] : [only];
  if (emitters.length === 0 || (options.emitters.length === 0 && others.length > 0))
    throw usageError(`say who emits it: --emitter ${own.join(" or --emitter ") || "<daemon>"}`);
  const consumers = options.consumers.length > 0 ? options.consumers : [TAKES_ANY];
  for (const daemon of [...emitters, ...consumers]) {
    const known = knownOr(daemon, ["*", ...roster], "daemon");
    if (known.kind === "refused") throw usageError(known.message);
  }
  return { emitters, consumers };
}

function draftOf(
  name: string,
  kind: string,
  emitters: readonly string[],
  consumers: readonly string[],
  guard: string | undefined,
): string {
  const words = name.slice(2).toLowerCase().replaceAll("_", " ");
  return contract(name, {
    title: words.charAt(0).toUpperCase() + words.slice(1),
    description: `${words.charAt(0).toUpperCase() + words.slice(1)}.`,
    "x-signal": {
      version: 1,
      kind,
      priority: "normal",
      emitters,
      consumers,
      ...(guard === undefined ? {} : { guard }),
      retention_days: kind === "telemetry" ? 0 : 30,
      ingress: false,
    },
    properties: {
      subject: { type: "string", description: "What it is about.", minLength: 1, maxLength: 1_024 },
    },
    required: ["subject"],
    examples: [{ subject: "readme" }],
  });
}

async function completeReadme(folder: string, folders: readonly string[]): Promise<string | null> {
  const path = join(dirname(folder), "README.md");
  const before = await readIfThere(path);
  const linted = lintFolders(folders);
  if (before === undefined || linted.kind === "unsound") return null;
  const after = withSignalsTable(before, contractsIn(linted.contracts, [folder]));
  if (after === undefined) return null;
  if (after !== before) await writeFileAtomic(path, after, { mode: 0o644 });
  return path;
}
