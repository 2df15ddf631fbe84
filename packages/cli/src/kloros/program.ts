/** The command line of `kloros`; one file per subcommand. */
import { Command } from "commander";
import { askCommand } from "./ask.ts";
import { daemonsCommand } from "./daemons.ts";
import { deploymentsCommand } from "./deployments.ts";
import { doctorCommand } from "./doctor.ts";
import { devCommand } from "./dev.ts";
import { dreamCommand } from "./dream.ts";
import { initCommand } from "./init.ts";
import { installCommand } from "./install.ts";
import { metricsCommand } from "./metrics.ts";
import { newCommand } from "./new.ts";
import { orderCommands } from "./order.ts";
import { policiesCommand } from "./policies.ts";
import { statusCommand } from "./status.ts";
import { uninstallCommand } from "./uninstall.ts";
import { upgradeCommand } from "./upgrade.ts";
import { upCommand } from "./up.ts";
import { whyCommand } from "./why.ts";
import { waitsCommand } from "./waits.ts";

export function klorosProgram(): Command {
  const program = new Command("kloros")
    .description("Runs a signal mesh and looks after it.")
    .addCommand(upCommand())
    .addCommand(devCommand())
    .addCommand(initCommand())
    .addCommand(newCommand())
    .addCommand(daemonsCommand())
    .addCommand(statusCommand())
    .addCommand(metricsCommand())
    .addCommand(doctorCommand())
    .addCommand(waitsCommand())
    .addCommand(askCommand())
    .addCommand(dreamCommand())
    .addCommand(deploymentsCommand())
    .addCommand(policiesCommand())
    .addCommand(whyCommand())
    .addCommand(installCommand())
    .addCommand(upgradeCommand())
    .addCommand(uninstallCommand());
  for (const command of orderCommands()) program.addCommand(command);
  return program.addHelpText(
    "after",
    `
Examples:
  kloros up --workspace ~/src/my-project     run the mesh in the foreground
  kloros status                              is every daemon ready?
  kloros doctor                              is this machine, is this home in order?
  kloros why <id>                            why was that done, or not?
  chem-bus listen                            watch the signals (see chem-bus --help)

Exit codes: 0 done · 1 the answer is no · 64 usage · 69 mesh not reachable · 70 bug · 75 already running · 78 bad configuration`,
  );
}
