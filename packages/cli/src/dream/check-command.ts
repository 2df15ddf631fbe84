/** `kloros dream check`: is dream.yaml in order? */
import { readFile } from "node:fs/promises";
import { type YamlProblem, problemLine } from "@kloros/checked-yaml";
import { type DreamFile, dreamFilePath, parseDreamFile } from "@kloros/experiments";
import { Command } from "commander";
import { answerNo } from "../program/errors.ts";
import { EXIT } from "../program/exit-codes.ts";
import { homeOf, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { printJson, printLine } from "../program/output.ts";
import { printable } from "../program/paint.ts";

export function checkCommand(): Command {
  const command = new Command("check")
    .description("Check dream.yaml: every mistake with its line; exit 1 when there is one.")
    .argument("[file]", "default: dream_lab/dream.yaml of the home");
  return withCommonOptions(command)
    .action(async (file: string | undefined, options: CommonOptions) => {
      const path = file ?? dreamFilePath(homeOf(options));
      const checked = parseDreamFile(await textOf(path), path);
      const problems = checked.kind === "ok" ? [] : checked.problems;
      if (options.json === true) await printJson({ file: path, ok: problems.length === 0, problems });
      else if (checked.kind === "ok") await printLine(`${path}: ${described(checked.value)}`);
      else await printProblems(problems);
      if (problems.length > 0) process.exitCode = EXIT.no;
    })
    .addHelpText(
      "after",
      `
Examples:
  kloros dream check
  kloros dream check ~/new-dream.yaml --json | jq -r '.problems[].message'`,
    );
}

async function printProblems(problems: readonly YamlProblem[]): Promise<void> {
  for (const problem of problems) await printLine(printable(problemLine(problem)));
  await printLine(problems.length === 1 ? "1 problem" : `${problems.length} problems`);
}

function described({ experiments }: DreamFile): string {
  if (experiments.length === 0) return "in order, but it has no experiments";
  const names = experiments.map(({ name, enabled }) => (enabled ? name : `${name} (disabled)`));
  return `in order; ${experiments.length} experiments: ${names.join(", ")}`;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw answerNo(`${path} cannot be read (${(cause as NodeJS.ErrnoException).code ?? String(cause)})`, {
      cause,
    });
  }
}
