/** `kloros install`: the mesh as services of this machine. */
import { Command, Option } from "commander";
import { printJson, printLine } from "../program/output.ts";
import { drawStep, stepState } from "../systemd/install/draw-step.ts";
import { type InstallOptions, installSystemd } from "../systemd/install/install.ts";

export function installCommand(): Command {
  return new Command("install").description("Install the mesh on this machine.").addCommand(systemdCommand());
}

function systemdCommand(): Command {
  return new Command("systemd")
    .description("Run every daemon as a unit of systemd. Safe to repeat: what is so already is left alone.")
    .option("--dry-run", "print what would be done, change nothing")
    .option("--home <dir>", "home of the mesh (default: /var/lib/kloros, or where it is installed)")
    .option("--workspace <dir>", "source tree to look at and write to (default: /srv/kloros/workspace)")
    .option("--prefix <dir>", "folder for the releases (default: /opt/kloros)")
    .option("--node <path>", "Node binary for the daemons (default: the one that runs this)")
    .addOption(
      new Option("--transport <kind>", "how daemons reach each other (default: as mesh.yaml says)").choices([
        "ipc",
        "tcp",
      ]),
    )
    .option("--no-start", "write and enable the units, start nothing")
    .option("--json", "print JSON for programs")
    .addHelpText(
      "after",
      `
Examples:
  sudo ./kloros-mesh-0.1.0/bin/kloros install systemd             from an unpacked tarball
  sudo kloros install systemd --workspace /srv/src/my-project     another source tree
  kloros install systemd --dry-run                                only say what is missing (as root)`,
    )
    .action(async (options: InstallOptions & { json?: boolean }) => {
      const dryRun = options.dryRun === true;
      const steps = await installSystemd(options, async (step) => {
        if (options.json !== true) await printLine(drawStep(step, dryRun));
      });
      if (options.json === true)
        await printJson({
          steps: steps.map((step) => ({ what: step.what, state: stepState(step, dryRun) })),
        });
    });
}
