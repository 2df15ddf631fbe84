/** `kloros dream cancel`: ends a cycle, or a trigger that waits. */
import { Command } from "commander";
import { answerNo } from "../program/errors.ts";
import { existingHome, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { printJson, printLine } from "../program/output.ts";
import { askDreamConsumer, askDreamStatus } from "./dream-status.ts";

export function cancelCommand(): Command {
  const command = new Command("cancel")
    .description("End a cycle that runs, or a trigger that waits; its promotions stay unacknowledged.")
    .argument(
      "<cycle>",
      "its id or an unambiguous part of it; kloros dream status --json has those that wait",
    );
  return withCommonOptions(command).action(async (wanted: string, options: CommonOptions) => {
    const home = existingHome(options);
    const { running, queued } = await askDreamStatus(home);
    const cycle_id = meant(
      wanted,
      [...running, ...queued].map((one) => one.cycle_id),
    );
    const answer = await askDreamConsumer(home, "dream:cancel", { cycle_id });
    if (options.json === true) await printJson(answer);
    else await printLine(`${cycle_id} is cancelled`);
  });
}

/** @throws {CommandError} 1: none runs or waits, or several do */
function meant(wanted: string, ids: readonly string[]): string {
  const found = ids.includes(wanted) ? [wanted] : ids.filter((id) => id.includes(wanted));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw answerNo(
    only === undefined
      ? `${wanted} neither runs nor waits; kloros dream status shows what does`
      : `${wanted} means ${found.length} cycles: ${found.join(", ")}`,
  );
}
