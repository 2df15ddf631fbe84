/** `kloros dream run`: asks for a cycle, as a promotion would. */
import { didYouMean, problemLine } from "@kloros/checked-yaml";
import { type DreamFile, readDreamFile } from "@kloros/experiments";
import { Command } from "commander";
import { requestEmit } from "../emit/request-emit.ts";
import { answerNo } from "../program/errors.ts";
import { existingHome, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { printJson, printLine } from "../program/output.ts";

interface RunOptions extends CommonOptions {
  readonly topic?: string;
}

export function runCommand(): Command {
  const command = new Command("run")
    .description("Ask for a cycle; prints the receipt when the request is on disk.")
    .argument(
      "[experiment]",
      "its name, also of one that is disabled (default: what the topic means, or the first enabled one)",
    )
    .option("--topic <topic>", "the topic of the cycle");
  return withCommonOptions(command)
    .action(async (experiment: string | undefined, options: RunOptions) => {
      const home = existingHome(options);
      if (experiment !== undefined) knownIn(await dreamFile(home), experiment);
      const receipt = await requestEmit(home, {
        signal: "Q_DREAM_TRIGGER",
        facts: {
          reason: "requested_by_operator",
          topic: options.topic ?? null,
          promotion_count: 0,
          promotions: [],
          ...(experiment === undefined ? {} : { experiment }),
        },
      });
      if (options.json === true) await printJson(receipt);
      else
        await printLine(
          `${experiment ?? "a cycle"} is asked for (${receipt.id}); follow it with: kloros dream status --watch`,
        );
    })
    .addHelpText(
      "after",
      `
Examples:
  kloros dream run
  kloros dream run tune_bus
  kloros dream run --topic compression`,
    );
}

/** @throws {CommandError} 1: the file cannot be used; the dream consumer would say the same */
async function dreamFile(home: string): Promise<DreamFile> {
  const reading = await readDreamFile(home);
  if (reading.kind === "ok") return reading.file;
  if (reading.kind === "missing")
    throw answerNo(`${home} has no dream_lab/dream.yaml; kloros init writes one`);
  throw answerNo(
    `dream.yaml cannot be used\n${reading.problems.map((problem) => `  ${problemLine(problem)}`).join("\n")}`,
  );
}

function knownIn({ experiments }: DreamFile, wanted: string): void {
  const names = experiments.map(({ name }) => name);
  if (names.includes(wanted)) return;
  const near = didYouMean(wanted, names);
  const known = near === undefined ? `it has ${names.join(", ") || "none"}` : `did you mean ${near}?`;
  throw answerNo(`dream.yaml has no experiment ${wanted}; ${known}`);
}
