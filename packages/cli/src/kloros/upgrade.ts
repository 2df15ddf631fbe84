/** `kloros upgrade`: another release of the mesh, or the one before when it is no good. */
import { Command } from "commander";
import { EXIT } from "../program/exit-codes.ts";
import { printJson, printLine } from "../program/output.ts";
import { type UpgradeOutcome, upgradeSystemd } from "../systemd/install/upgrade.ts";
import { usageError } from "../program/errors.ts";

export function upgradeCommand(): Command {
  return new Command("upgrade").description("Put another release of the mesh to use.").addCommand(
    new Command("systemd")
      .description(
        "Install a release beside the one in use, restart the daemons; go back when one does not become ready.",
      )
      .option("--from <path>", "tarball or folder of the release (default: the one this command belongs to)")
      .option("--prefix <dir>", "folder with the releases (default: /opt/kloros)")
      .option("--settle <seconds>", "how long all daemons must stay ready", "10")
      .option("--json", "print JSON for programs")
      .action(async (options: { from?: string; prefix?: string; settle: string; json?: boolean }) => {
        const settle = Number(options.settle);
        if (!(settle >= 0 && settle <= 3_600)) throw usageError("--settle takes seconds, 0 to 3600");
        const outcome = await upgradeSystemd({ ...options, settleMs: settle * 1_000 }, async (line) => {
          if (options.json !== true) await printLine(line);
        });
        if (options.json === true) await printJson(outcome);
        else await printLine(sentence(outcome));
        if (outcome.kind === "rolled_back") process.exitCode = EXIT.no;
      }),
  );
}

function sentence(outcome: UpgradeOutcome): string {
  switch (outcome.kind) {
    case "same":
      return `${outcome.id} is in use already`;
    case "upgraded":
      return `upgraded from ${outcome.from} to ${outcome.to}`;
    case "rolled_back":
      return `${outcome.to} was not good, ${outcome.from} is in use again: ${outcome.reason}`;
  }
}
