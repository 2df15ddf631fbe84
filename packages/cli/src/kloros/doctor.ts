/** `kloros doctor`: can this machine and this home run the mesh, and what to do where not? */
import { Command } from "commander";
import { drawFindings } from "../doctor/draw-findings.ts";
import { examine } from "../doctor/examine.ts";
import { EXIT } from "../program/exit-codes.ts";
import { homeOf, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { printJson, printLine } from "../program/output.ts";
import { paintFor } from "../program/paint.ts";

interface DoctorOptions extends CommonOptions {
  readonly quiet?: boolean;
}

export function doctorCommand(): Command {
  const command = new Command("doctor").description(
    "Check machine, home, settings, contracts and units, running or not; exit 1 when something is broken. Changes nothing.",
  );
  return withCommonOptions(command)
    .option("--quiet", "only what is not ok")
    .action(async (options: DoctorOptions) => {
      const home = homeOf(options);
      const findings = await examine(home);
      const shown = options.quiet === true ? findings.filter(({ status }) => status !== "ok") : findings;
      const isHealthy = findings.every(({ status }) => status !== "fail");
      if (options.json === true) await printJson({ healthy: isHealthy, home, findings: shown });
      else for (const line of drawFindings(shown, paintFor())) await printLine(line);
      if (!isHealthy) process.exitCode = EXIT.no;
    })
    .addHelpText(
      "after",
      `
Examples:
  kloros doctor
  kloros doctor --quiet
  kloros doctor --json | jq -r '.findings[] | select(.status == "fail") | .remedy'

ok: as it should be. warn: it runs, but look at it. fail: the mesh, or a part of it, cannot run like that.`,
    );
}
