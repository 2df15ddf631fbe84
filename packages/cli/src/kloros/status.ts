/** `kloros status`: asks the supervisor and each daemon how they are. */
import { Command } from "commander";
import { unreachable } from "../program/errors.ts";
import { EXIT } from "../program/exit-codes.ts";
import { existingHome, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { printJson, printLine } from "../program/output.ts";
import { paintFor } from "../program/paint.ts";
import { collectStatus } from "../status/collect-status.ts";
import { drawChecks, drawPolicyProblems, drawStatus } from "../status/draw-status.ts";

export function statusCommand(): Command {
  const command = new Command("status").description(
    "Show each daemon's state; exit 0 when all are ready, 1 when one is not.",
  );
  return withCommonOptions(command)
    .action(async (options: CommonOptions) => {
      const home = existingHome(options);
      const { daemons, checks, policyProblems, anyoneAnswered, underSystemd } = await collectStatus(home);
      if (!anyoneAnswered && daemons.every(({ state }) => state === "stopped"))
        throw unreachable(`no mesh runs on ${home}; start it with: ${startCommand(home, underSystemd)}`);
      if (options.json === true)
        await printJson({ daemons, checks: checks ?? [], policy_problems: policyProblems });
      else {
        const paint = paintFor();
        for (const line of drawStatus(daemons, paint)) await printLine(line);
        if (checks !== null && checks.length > 0) await printLine("");
        for (const line of drawChecks(checks ?? [], paint)) await printLine(line);
        for (const line of drawPolicyProblems(policyProblems, paint)) await printLine(line);
      }
      if (daemons.some(({ state }) => state !== "ready")) process.exitCode = EXIT.no;
    })
    .addHelpText(
      "after",
      `
Examples:
  kloros status
  kloros status --json | jq -r '.daemons[] | select(.state != "ready") | .name'

lag: signals that exist at emitters and that the daemon has not finished.
Below the table: checks of the monitor that are not ok, and what is wrong with policies.yaml; they do not change the exit code (chem-bus check does).`,
    );
}

/** Where units are installed, `kloros up` would run beside them. */
export function startCommand(home: string, underSystemd: boolean): string {
  return underSystemd ? "sudo systemctl start kloros.target" : `kloros up --home ${home}`;
}
