/** `chem-bus contracts list|show|lint|types`: what signals there are, whether contracts are sound, types for your own. */
import { mkdir } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { type Contract, type Contracts, lintContracts, writeFileAtomic } from "@kloros/bus";
import { didYouMean } from "@kloros/daemon";
import { Command } from "commander";
import { contractsIn, contractsWith, foldersOf } from "../contracts/contract-folders.ts";
import { drawContract, drawList } from "../contracts/draw-contracts.ts";
import { factsTypes } from "../contracts/facts-types.ts";
import { lintFolders, problemLine } from "../contracts/lint-folders.ts";
import { answerNo, usageError } from "../program/errors.ts";
import { EXIT } from "../program/exit-codes.ts";
import { nameMatcher } from "../program/globs.ts";
import { type CommonOptions, homeOf, withCommonOptions } from "../program/home.ts";
import { printJson, printLine, remark } from "../program/output.ts";
import { paintFor } from "../program/paint.ts";
import { collect } from "../program/repeated-option.ts";
import { readIfThere } from "../program/read-if-there.ts";

interface ContractsOptions extends CommonOptions {
  readonly dir: readonly string[];
  readonly own?: boolean;
  readonly ingress?: boolean;
}

interface TypesOptions extends ContractsOptions {
  readonly out?: string;
  readonly check?: boolean;
}

export function contractsCommand(): Command {
  return new Command("contracts")
    .description("Contracts of signals: look at them, check your own, write types for them.")
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(lintCommand())
    .addCommand(typesCommand());
}

function withFolders(command: Command): Command {
  return withCommonOptions(command).option(
    "--dir <dir>",
    "also this folder, with daemons.json and signals/; repeatable",
    collect,
    [],
  );
}

function listCommand(): Command {
  return withFolders(new Command("list").description("The signals that are known on this home."))
    .argument("[pattern]", "only these names; * and ? allowed")
    .option("--own", "only those that are not shipped")
    .option("--ingress", "only those that anybody may ask for (chem-bus emit, intent files)")
    .action(async (pattern: string | undefined, options: ContractsOptions) => {
      const folders = await foldersOf(homeOf(options), options.dir);
      const contracts = contractsWith(folders);
      const matches = nameMatcher(pattern === undefined ? [] : [pattern]);
      const own = new Set(contractsIn(contracts, folders).map(({ name }) => name));
      const chosen = allOf(contracts)
        .filter(({ name }) => matches(name) && (options.own !== true || own.has(name)))
        .filter(({ ingress }) => options.ingress !== true || ingress);
      if (options.json === true) await printJson(chosen.map(({ schema: _schema, ...contract }) => contract));
      else for (const line of drawList(chosen, paintFor())) await printLine(line);
    })
    .addHelpText(
      "after",
      `
Examples:
  chem-bus contracts list
  chem-bus contracts list --own
  chem-bus contracts list 'Q_DREAM_*' --json | jq -r '.[].name'`,
    );
}

function showCommand(): Command {
  return withFolders(new Command("show").description("One contract: facts, parties, what must follow it."))
    .argument("<signal>", "its name")
    .action(async (name: string, options: ContractsOptions) => {
      const contracts = contractsWith(await foldersOf(homeOf(options), options.dir));
      const contract = contracts.get(name);
      if (contract === undefined) {
        const meant = didYouMean(name, contracts.names);
        throw answerNo(
          `no contract is named ${name}${meant === undefined ? "" : `; did you mean ${meant}?`}`,
        );
      }
      if (options.json === true) await printJson(contract);
      else for (const line of drawContract(contract, contracts, paintFor())) await printLine(line);
    })
    .addHelpText("after", "\nExample:\n  chem-bus contracts show Q_MODULE_DISCOVERED");
}

function lintCommand(): Command {
  return withFolders(
    new Command("lint").description(
      "Check contracts, alone and together with all others; exit 1 when one is wrong.",
    ),
  )
    .action(async (options: ContractsOptions) => {
      const folders = await foldersOf(homeOf(options), options.dir);
      const linted = lintFolders(folders);
      const problems = linted.kind === "sound" ? [] : linted.problems;
      if (options.json === true) await printJson({ is_valid: problems.length === 0, folders, problems });
      else if (linted.kind === "unsound")
        for (const problem of problems) await printLine(problemLine(problem));
      else
        await printLine(
          `${String(linted.contracts.names.length)} contracts, ${String(contractsIn(linted.contracts, folders).length)} of them your own: in order`,
        );
      if (problems.length > 0) process.exitCode = EXIT.no;
    })
    .addHelpText(
      "after",
      `
Examples:
  chem-bus contracts lint --dir contracts
  chem-bus contracts lint --dir contracts --json | jq -r '.problems[] | "\\(.file) \\(.pointer) \\(.message)"'

A problem is told with its file, the JSON Pointer into it, what is wrong and what to do.`,
    );
}

function typesCommand(): Command {
  return withFolders(
    new Command("types").description(
      "TypeScript for the facts of your own signals, from the contracts in --dir.",
    ),
  )
    .option("--out <file>", "file to write (default: standard output)")
    .option("--check", "write nothing; exit 1 when the file is not what would be written")
    .action(async (options: TypesOptions) => {
      if (options.dir.length === 0) throw usageError("name the folder with your contracts: --dir contracts");
      const folders = options.dir.map((dir) => resolve(dir));
      const contracts = soundIn(folders);
      const { out } = options;
      const base = out === undefined ? process.cwd() : dirname(dirname(resolve(out)));
      const text = factsTypes(contracts, folders.map((dir) => `${relative(base, dir)}/`).join(", "));
      if (out === undefined) return printLine(text.trimEnd());
      await writeTypes(out, text, options.check === true, contracts.length);
    })
    .addHelpText(
      "after",
      `
Example:
  chem-bus contracts types --dir contracts --out src/signals.d.ts`,
    );
}

/** Types of a schema that is none would be wrong, and the daemon that uses them would not start. */
function soundIn(folders: readonly string[]): Contract[] {
  const all = contractsWith(folders);
  const own = contractsIn(all, folders);
  const wrong = lintContracts(all)
    .filter(({ rule, file }) => rule === "invalid-schema" && own.some((contract) => contract.file === file))
    .map((finding) => problemLine({ ...finding, file: finding.file ?? finding.signal }));
  if (wrong.length > 0) throw answerNo(wrong.join("\n"));
  return own;
}

async function writeTypes(out: string, text: string, isCheck: boolean, count: number): Promise<void> {
  const before = await readIfThere(out);
  if (before === text) return;
  if (isCheck)
    throw answerNo(`${out} is stale; write it anew: chem-bus contracts types --dir contracts --out ${out}`);
  await mkdir(dirname(resolve(out)), { recursive: true });
  await writeFileAtomic(resolve(out), text, { mode: 0o644 });
  remark(`${out}: ${String(count)} signals`);
}

function allOf(contracts: Contracts) {
  return contracts.names.map((name) => contracts.get(name)).filter((contract) => contract !== undefined);
}
