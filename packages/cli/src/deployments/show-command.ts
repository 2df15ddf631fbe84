/** `kloros deployments show`: one version, or an experiment with what happened to it. */
import { deployedPaths, readHistory } from "@kloros/experiments";
import { Command } from "commander";
import { answerNo } from "../program/errors.ts";
import { existingHome, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { printJson, printLine } from "../program/output.ts";
import { paintFor } from "../program/paint.ts";
import { standingOf } from "./collect.ts";
import { readVersion } from "./compare-versions.ts";
import { drawHistory, drawVersion } from "./draw.ts";
import { pickVersion } from "./pick-version.ts";

/** Lines of history that are printed; --json gives all that are kept. */
const SHOWN_LINES = 20;

export function showCommand(): Command {
  const command = new Command("show")
    .description("Show a version of an experiment, by default the one in place, and its history.")
    .argument("<experiment>", "name of the experiment")
    .argument("[version]", "id or an unambiguous part of it, current, or previous");
  return withCommonOptions(command)
    .action(async (experiment: string, name: string | undefined, options: CommonOptions) => {
      const home = existingHome(options);
      const standing = await standingOf(home, experiment);
      const paths = deployedPaths(home, experiment);
      const all = await readHistory(paths);
      const isWhole = name === undefined;
      const nothingInPlace = isWhole && standing.current === null;
      const versionId = nothingInPlace ? null : pickVersion(standing, name ?? "current", answerNo);
      const version = versionId === null ? null : await readVersion(paths, versionId);
      if (versionId !== null && version === null)
        throw answerNo(`${paths.version(versionId)} has no readable version.json`);
      const history = isWhole ? all : all.filter(({ version_id }) => version_id === versionId);
      if (options.json === true)
        return printJson({
          experiment,
          problem: standing.problem ?? version?.problem ?? null,
          current_version_id: standing.current?.version_id ?? null,
          previous_version_id: standing.previous_version_id ?? null,
          versions: standing.versions,
          version: version?.record ?? null,
          history,
        });
      const paint = paintFor();
      const lines =
        version === null
          ? [standing.problem ?? `${experiment} has no version in place`]
          : drawVersion(standing, version, paths.version(version.record.version_id), paint);
      const told = drawHistory(history.slice(-SHOWN_LINES), paint);
      for (const line of [...lines, "", ...told]) await printLine(line);
    })
    .addHelpText(
      "after",
      `
Examples:
  kloros deployments show compress_corpus
  kloros deployments show compress_corpus previous
  kloros deployments show compress_corpus 0a1b2c3d --json | jq .version.params`,
    );
}
