/** `kloros deployments diff`: what two versions differ in; exit codes as diff(1) has them. */
import { deployedPaths, type Standing } from "@kloros/experiments";
import { Command } from "commander";
import { usageError } from "../program/errors.ts";
import { EXIT } from "../program/exit-codes.ts";
import { existingHome, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { printJson, printLine, remark } from "../program/output.ts";
import { paintFor } from "../program/paint.ts";
import { standingOf } from "./collect.ts";
import { compareVersions, readVersion } from "./compare-versions.ts";
import { drawDifference } from "./draw.ts";
import { pickVersion } from "./pick-version.ts";

export function diffCommand(): Command {
  const command = new Command("diff")
    .description("Compare two versions of an experiment: parameters, and files line by line.")
    .argument("<experiment>", "name of the experiment")
    .argument("[a]", "id or an unambiguous part of it, current, or previous (the default)")
    .argument("[b]", "the same; by default current");
  return withCommonOptions(command)
    .action(
      async (experiment: string, a: string | undefined, b: string | undefined, options: CommonOptions) => {
        const home = existingHome(options);
        const standing = await standingOf(home, experiment, usageError);
        const before = await load(home, standing, a ?? "previous");
        const after = await load(home, standing, b ?? "current");
        const difference = await compareVersions(deployedPaths(home, experiment), before, after);
        if (options.json === true) await printJson(difference);
        else for (const line of drawDifference(difference, paintFor())) await printLine(line);
        if (difference.params.length > 0 || difference.files.length > 0) process.exitCode = EXIT.no;
        else if (options.json !== true) remark(`${difference.a} and ${difference.b} are the same`);
      },
    )
    .addHelpText(
      "after",
      `
Examples:
  kloros deployments diff compress_corpus                      the version before, and the current one
  kloros deployments diff compress_corpus 0a1b2c3d             that one, and the current one
  kloros deployments diff compress_corpus 0a1b2c3d 1b2c3d4e

Exit codes: 0 the same · 1 different · 64 no such experiment or version.`,
    );
}

async function load(home: string, standing: Standing, name: string) {
  const paths = deployedPaths(home, standing.experiment);
  const versionId = pickVersion(standing, name, usageError);
  const version = await readVersion(paths, versionId);
  if (version === null)
    throw usageError(
      `${paths.version(versionId)} is gone or has no readable version.json; it cannot be compared`,
    );
  if (version.problem !== null) remark(`damaged: ${version.problem}`);
  return version.record;
}
