/** `chem-bus salvage`: the signals of a journal that cannot be opened any more. */
import { existsSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { loadContracts } from "@kloros/bus";
import { didYouMean } from "@kloros/daemon";
import { Command } from "commander";
import { contractDirs } from "../program/contract-dirs.ts";
import { answerNo, usageError } from "../program/errors.ts";
import { EXIT } from "../program/exit-codes.ts";
import { existingHome, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { printJson, remark } from "../program/output.ts";
import { drawNextSteps, drawSummary } from "../salvage/draw-summary.ts";
import { salvageToFile, salvageToStdout } from "../salvage/salvage.ts";
import type { SalvageSummary } from "../salvage/summary.ts";

interface SalvageOptions extends CommonOptions {
  readonly out?: string;
}

export function salvageCommand(): Command {
  const command = new Command("salvage")
    .description("Read what can still be read of a damaged journal, without opening it.")
    .argument("<daemon>", "whose journal: the name of a folder in journal/")
    .option(
      "--out <file>",
      "write the signals there, as NDJSON; it must not exist (default: standard output)",
    );
  return withCommonOptions(command, "print the summary as JSON: to stderr, or with --out to stdout")
    .action(runSalvage)
    .addHelpText(
      "after",
      `
Examples:
  chem-bus salvage intent_router --out intent_router.ndjson
  chem-bus salvage intent_router | jq -c 'select(.signal == "Q_CURIOSITY_INVESTIGATE") | .facts'

For a daemon that ends with E_JOURNAL_OPEN. The signals come in the order of their seq, each once; what retention had
removed may come back. A summary goes to stderr: how many of each, which seqs are missing, what to do next, that is:
stop the daemon, move its journal folder away, start it; a new journal begins. The journal itself is not changed.

Exit codes: 0 done · 1 nothing found · 64 usage`,
    );
}

async function runSalvage(daemon: string, options: SalvageOptions): Promise<void> {
  const home = existingHome(options);
  const source = { daemon, journal: await journalOf(home, daemon) };
  const file = options.out === undefined ? null : newFile(options.out);
  const summary = file === null ? await salvageToStdout(source) : await salvageToFile(source, file);
  if (summary.signals === 0) process.exitCode = EXIT.no;
  if (options.json !== true) for (const line of describe(summary, home)) remark(line);
  else if (file === null) remark(JSON.stringify(summary, null, 2));
  else await printJson(summary);
}

function describe(summary: SalvageSummary, home: string): string[] {
  const found =
    summary.signals === 0 ? [`no signal can be found in ${summary.journal}`] : drawSummary(summary);
  return [...found, "", ...drawNextSteps(summary, home)];
}

/** The folder of this daemon's journal. */
async function journalOf(home: string, daemon: string): Promise<string> {
  const folders = journalFolders(home);
  const journal = join(home, "journal", daemon);
  if (folders.includes(daemon) && existsSync(join(journal, "data.mdb"))) return journal;
  const { daemons } = loadContracts({ extraDirs: await contractDirs(home) });
  const known = [...new Set([...folders, ...daemons.map(({ name }) => name)])];
  if (known.includes(daemon)) throw answerNo(`${daemon} has no journal: there is no ${journal}/data.mdb`);
  const meant = didYouMean(daemon, known);
  const hint = meant === undefined ? `known are ${known.sort().join(", ")}` : `did you mean ${meant}?`;
  throw usageError(`no daemon is called ${daemon}; ${hint}`);
}

function journalFolders(home: string): string[] {
  try {
    return readdirSync(join(home, "journal"));
  } catch {
    return []; // A home where nothing has run yet.
  }
}

/** What was salvaged before, or the journal itself, must not be written over. */
function newFile(out: string): string {
  const file = resolve(out);
  if (existsSync(file)) throw usageError(`--out ${out}: exists already; choose a name that is free`);
  if (!existsSync(dirname(file))) throw usageError(`--out ${out}: there is no folder ${dirname(file)}`);
  return file;
}
