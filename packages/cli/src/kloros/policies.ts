/** `kloros policies`: is the file in order, and what do the rules do? */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { askDaemon, DaemonUnreachableError } from "@kloros/client";
import { Command } from "commander";
import { checkPolicies } from "../policies/check-policies.ts";
import { drawPolicies, type PolicyStatus } from "../policies/draw-policies.ts";
import { contractDirs } from "../program/contract-dirs.ts";
import { answerNo, unreachable } from "../program/errors.ts";
import { EXIT } from "../program/exit-codes.ts";
import { existingHome, homeOf, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { printJson, printLine } from "../program/output.ts";
import { paintFor } from "../program/paint.ts";

export function policiesCommand(): Command {
  return new Command("policies")
    .description("The policy engine's rules: check the file, see what they do.")
    .addCommand(checkCommand())
    .addCommand(listCommand());
}

function checkCommand(): Command {
  const command = new Command("check")
    .description("Check a policies file, without a running mesh; exit 1 when it has mistakes.")
    .argument("[file]", "file to check (default: policies.yaml of the home)");
  return withCommonOptions(command)
    .action(async (file: string | undefined, options: CommonOptions) => {
      const home = homeOf(options);
      const path = file === undefined ? join(home, "policies.yaml") : resolve(file);
      if (!existsSync(path)) throw answerNo(`there is no ${path}; kloros init writes the shipped one`);
      const checked = await checkPolicies(path, existsSync(home) ? await contractDirs(home) : []);
      if (options.json === true) await printJson(checked);
      else if (checked.is_valid) await printLine(`${path}: ${String(checked.rules.length)} rules, in order`);
      else
        for (const { line, column, path: at, message } of checked.problems)
          await printLine(
            `${path}:${String(line)}:${String(column)}: ${at === "" ? "" : `${at} `}${message}`,
          );
      if (!checked.is_valid) process.exitCode = EXIT.no;
    })
    .addHelpText(
      "after",
      `
Examples:
  kloros policies check
  kloros policies check ./policies.yaml --json | jq -r '.problems[].message'`,
    );
}

function listCommand(): Command {
  const command = new Command("list").description(
    "The rules in force, their last decision, and what is deferred.",
  );
  return withCommonOptions(command)
    .action(async (options: CommonOptions) => {
      const home = existingHome(options);
      const status = await statusOf(home);
      if (options.json === true) await printJson(status);
      else for (const line of drawPolicies(status, paintFor())) await printLine(line);
    })
    .addHelpText(
      "after",
      `
Examples:
  kloros policies list
  kloros policies list --json | jq '.deferred'`,
    );
}

async function statusOf(home: string): Promise<PolicyStatus> {
  try {
    return await askDaemon<PolicyStatus>(join(home, "run", "kloros_policy_engine.sock"), "policy:status");
  } catch (cause) {
    if (!(cause instanceof DaemonUnreachableError)) throw cause;
    throw unreachable(`the policy engine does not run on ${home}; see its past with kloros why <rule>`, {
      cause,
    });
  }
}
