/** `kloros why`: what the policy engine decided about something, and for which reason. */
import { loadContracts } from "@kloros/bus";
import { Command } from "commander";
import { contractDirs } from "../program/contract-dirs.ts";
import { answerNo } from "../program/errors.ts";
import { existingHome, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { printJson, printLine, remark } from "../program/output.ts";
import { paintFor, printable } from "../program/paint.ts";
import { promotionState } from "../promotions/promotion-state.ts";
import { drawDecision } from "../why/draw-decisions.ts";
import { findDecisions, MAX_DECISIONS } from "../why/find-decisions.ts";

export function whyCommand(): Command {
  const command = new Command("why")
    .description(
      "Show the policy engine's decisions about something, with reasons; works on a stopped mesh too.",
    )
    .argument("<id>", "id of a signal, story, decision or cycle; a promotion's file, a topic, a rule");
  return withCommonOptions(command)
    .action(async (id: string, options: CommonOptions) => {
      const home = existingHome(options);
      const { found, omitted } = await findDecisions(
        home,
        id,
        loadContracts({ extraDirs: await contractDirs(home) }),
      );
      const state = await promotionState(home, id);
      if (found.length === 0)
        throw answerNo([`no decision is known about ${id}`, ...state].map(printable).join("\n  "));
      if (omitted > 0)
        remark(
          `${String(omitted)} older decisions are left out; the newest ${String(MAX_DECISIONS)} are shown`,
        );
      if (options.json === true) {
        await printJson(
          found.map(({ decision, repeated, last_repeated_at }) => ({
            ...decision.whole,
            repeated,
            last_repeated_at,
          })),
        );
        return;
      }
      const paint = paintFor();
      for (const one of found) for (const line of drawDecision(one, paint)) await printLine(line);
      if (state.length > 0) await printLine("");
      for (const line of state) await printLine(printable(line));
    })
    .addHelpText(
      "after",
      `
Examples:
  kloros why dream_20251115_103000_00000001     why did this cycle run?
  kloros why promotion_42.json                  what became of this promotion?
  kloros why dream_on_promotions --json | jq -r '.[] | [.at, .outcome, .reason] | @tsv'

Exit 1 when no decision is known.`,
    );
}
