/** `chem-bus audit`: do the books balance (P7)? */
import { auditHome, loadContracts } from "@kloros/bus";
import { Command } from "commander";
import { drawAudit } from "../audit/draw-audit.ts";
import { markWatchers } from "../audit/mark-watchers.ts";
import { contractDirs } from "../program/contract-dirs.ts";
import { EXIT } from "../program/exit-codes.ts";
import { existingHome, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { printJson, printLine } from "../program/output.ts";
import { paintFor } from "../program/paint.ts";

export function auditCommand(): Command {
  const command = new Command("audit").description(
    "For each signal and consumer: emitted = handled + dead-lettered + pending + expired? Exit 0 when so, else 1.",
  );
  return withCommonOptions(command)
    .option("--all", "also show pairs of signal and consumer that no signal has come to yet")
    .action(async (options: CommonOptions & { readonly all?: boolean }) => {
      const home = existingHome(options);
      const contracts = loadContracts({ extraDirs: await contractDirs(home) });
      const audit = markWatchers(await auditHome(home), contracts);
      if (options.json === true) await printJson(audit);
      else for (const line of drawAudit(audit, paintFor(), options.all === true)) await printLine(line);
      if (!audit.balanced) process.exitCode = EXIT.no;
    })
    .addHelpText(
      "after",
      `
Examples:
  chem-bus audit
  chem-bus audit --json | jq '.rows[] | select(.pending > 0)'

It reads the journals, so it works on a running mesh and on a stopped one. pending: on disk, not handled yet.
expired: gone from the journal (retention, damage) before the consumer came. (watches): not a consumer of the contract,
but the daemon that tells when nothing follows a signal.`,
    );
}
