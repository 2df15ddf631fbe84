/** `kloros deployments …`: what is deployed, what it differs in, and the way back. */
import { didYouMean } from "@kloros/daemon";
import type { Standing } from "@kloros/experiments";
import { Command } from "commander";
import {
  collectStandings,
  type RunningDeployment,
  runningDeployments,
  standingOf,
} from "../deployments/collect.ts";
import { diffCommand } from "../deployments/diff-command.ts";
import { drawStandings } from "../deployments/draw.ts";
import { rollbackCommand } from "../deployments/rollback-command.ts";
import { showCommand } from "../deployments/show-command.ts";
import { type CommandError, usageError } from "../program/errors.ts";
import { existingHome, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { printJson, printLine } from "../program/output.ts";
import { paintFor } from "../program/paint.ts";

export function deploymentsCommand(): Command {
  return new Command("deployments")
    .description("Show what the winners of D-REAM cycles have become, and take a deployment back.")
    .addCommand(listCommand(), { isDefault: true })
    .addCommand(showCommand())
    .addCommand(diffCommand())
    .addCommand(rollbackCommand())
    .addHelpText(
      "after",
      `
Examples:
  kloros deployments                                   what is in place, for each experiment
  kloros deployments show compress_corpus              the version in place, and what happened until then
  kloros deployments diff compress_corpus              what the version before had otherwise
  kloros deployments rollback compress_corpus --reason "slower on large files"

list, show and diff read files and need no running mesh; rollback asks the winner deployer.`,
    );
}

function listCommand(): Command {
  const command = new Command("list")
    .description("List experiments with what is in place.")
    .argument("[experiment]", "only this one");
  return withCommonOptions(command)
    .action(async (experiment: string | undefined, options: CommonOptions) => {
      const home = existingHome(options);
      if (experiment !== undefined) await standingOf(home, experiment, notACommand(experiment));
      const running = await runningDeployments(home);
      const all = await collectStandings(home, running ?? []);
      const standings = all.filter(
        (standing) => experiment === undefined || standing.experiment === experiment,
      );
      if (options.json === true) return printJson(standings.map((standing) => rowOf(standing, running)));
      if (standings.length === 0) return printLine("nothing is deployed yet");
      for (const line of drawStandings(standings, running, paintFor())) await printLine(line);
    })
    .addHelpText(
      "after",
      `
Examples:
  kloros deployments
  kloros deployments list --json | jq -r '.[] | select(.running) | .experiment'

kept: versions on disk. running: what the deployer does with the experiment now; ? when it does not answer.`,
    );
}

const COMMANDS = ["list", "show", "diff", "rollback"];

/** `list` is what an unknown word leads to: most likely another command was meant. */
function notACommand(word: string): (message: string) => CommandError {
  const meant = didYouMean(word, COMMANDS);
  return (message) =>
    usageError(
      meant === undefined
        ? `${word} is none of the commands ${COMMANDS.join(", ")}, and ${message}`
        : `there is no command ${word}; did you mean ${meant}?`,
    );
}

function rowOf(standing: Standing, running: readonly RunningDeployment[] | null) {
  const { experiment, current, problem, previous_version_id, versions } = standing;
  const version = current?.version;
  return {
    experiment,
    state: problem !== null ? "broken" : (version?.kind ?? "none"),
    problem: problem ?? (version?.kind === "damaged" ? version.problem : null),
    current_version_id: current?.version_id ?? null,
    since: current?.since ?? null,
    fitness: version === undefined || version.kind === "missing" ? null : (version.record?.fitness ?? null),
    previous_version_id: previous_version_id ?? null,
    versions,
    running: running?.find((job) => job.experiment === experiment) ?? null,
  };
}
