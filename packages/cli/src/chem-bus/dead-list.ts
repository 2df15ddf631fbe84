/** `chem-bus dead list`: what could not be handled. */
import { readDeadLetters } from "@kloros/bus";
import { Command } from "commander";
import { groupLetters } from "../dead/group-letters.ts";
import { signalNameOf } from "../dead/letter-signal.ts";
import { drawGroups, drawLetters } from "../dead/letter-text.ts";
import { nameMatcher } from "../program/globs.ts";
import { existingHome, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { printJson, printLine, remark } from "../program/output.ts";
import { paintFor } from "../program/paint.ts";
import { collect } from "../program/repeated-option.ts";

interface DeadListOptions extends CommonOptions {
  readonly group?: boolean;
  readonly signal: readonly string[];
  readonly daemon: readonly string[];
}

export function deadListCommand(): Command {
  const command = new Command("list")
    .description("List dead letters, oldest first.")
    .option("--group", "one line for each cause (fingerprint), the most frequent first")
    .option("--signal <name>", "only of these signals; * and ? allowed, repeatable", collect, [])
    .option("--daemon <name>", "only of these daemons; * and ? allowed, repeatable", collect, []);
  return withCommonOptions(command)
    .action(async (options: DeadListOptions) => {
      const { letters: all, unreadable } = await readDeadLetters(existingHome(options));
      const signal = nameMatcher(options.signal);
      const daemon = nameMatcher(options.daemon);
      const letters = all.filter((letter) => signal(signalNameOf(letter) ?? "") && daemon(letter.daemon));
      const groups = options.group === true ? groupLetters(letters) : null;
      if (unreadable > 0)
        remark(`${String(unreadable)} lines of failed_signals.jsonl are no dead letters and were skipped`);
      if (options.json === true) return printJson(groups ?? letters);
      if (letters.length === 0) return printLine("no dead letters");
      const lines = groups ? drawGroups(groups, paintFor()) : drawLetters(letters, paintFor());
      for (const line of lines) await printLine(line);
    })
    .addHelpText(
      "after",
      `
Examples:
  chem-bus dead list --group
  chem-bus dead list --signal 'Q_INVESTIGATION_*' --json | jq -r '.[].error'`,
    );
}
