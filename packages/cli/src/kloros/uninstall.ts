/** `kloros uninstall`: the mesh is no longer a service of this machine. */
import { Command } from "commander";
import { printJson, printLine } from "../program/output.ts";
import { drawStep, stepState } from "../systemd/install/draw-step.ts";
import { uninstallSystemd, type UninstallOptions } from "../systemd/install/uninstall.ts";

export function uninstallCommand(): Command {
  return new Command("uninstall").description("Remove the mesh from this machine.").addCommand(
    new Command("systemd")
      .description(
        "Stop the daemons and remove units, launchers and releases. Home and user stay without --purge.",
      )
      .option("--dry-run", "print what would be done, change nothing")
      .option("--purge", "remove the home with all state and the user, too")
      .option("--prefix <dir>", "folder with the releases (default: /opt/kloros)")
      .option("--json", "print JSON for programs")
      .action(async (options: UninstallOptions & { json?: boolean }) => {
        const dryRun = options.dryRun === true;
        const { steps, kept } = await uninstallSystemd(options, async (step) => {
          if (options.json !== true) await printLine(drawStep(step, dryRun));
        });
        if (options.json === true)
          await printJson({
            steps: steps.map((step) => ({ what: step.what, state: stepState(step, dryRun) })),
            kept,
          });
        else for (const line of kept) await printLine(`kept      ${line}`);
      }),
  );
}
