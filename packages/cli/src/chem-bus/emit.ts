/** `chem-bus emit`: asks a daemon to emit a signal, and prints the durable receipt. */
import { PRIORITIES, type Receipt } from "@kloros/bus";
import { Command, Option } from "commander";
import { requestEmit } from "../emit/request-emit.ts";
import { usageError } from "../program/errors.ts";
import { existingHome, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { printJson, printLine } from "../program/output.ts";

interface EmitOptions extends CommonOptions {
  readonly id?: string;
  readonly priority?: string;
}

export function emitCommand(): Command {
  const command = new Command("emit")
    .description("Ask for a signal whose contract has ingress: true; prints the receipt when it is on disk.")
    .argument("<signal>", "its name")
    .argument("[facts]", "its facts as a JSON object", "{}")
    .option("--id <uuid>", "idempotency key: the same id is emitted once")
    .addOption(new Option("--priority <priority>", "instead of the contract's").choices([...PRIORITIES]));
  return withCommonOptions(command)
    .action(async (signal: string, factsText: string, options: EmitOptions) => {
      const { id, priority } = options;
      const receipt = await requestEmit(existingHome(options), {
        signal,
        facts: parseFacts(factsText),
        ...(id === undefined ? {} : { id }),
        ...(priority === undefined ? {} : { priority }),
      });
      if (options.json === true) await printJson(receipt);
      else await printLine(describe(receipt));
    })
    .addHelpText(
      "after",
      `
Examples:
  chem-bus emit Q_CURIOSITY_INVESTIGATE '{"question":"What is in src/audio?","question_id":"discover.module.audio",
    "priority":"high","evidence":["path:src/audio"]}'
  chem-bus emit Q_DREAM_TRIGGER "$(cat facts.json)" --id 01890a5d-ac96-774b-bcce-b302099a8057`,
    );
}

function parseFacts(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw usageError(`the facts are no JSON: ${detail}`, { cause });
  }
}

function describe({ id, signal, seq, durability }: Receipt): string {
  switch (durability) {
    case "synced":
      return `${signal} ${id} is on disk (number ${String(seq)} of its emitter)`;
    case "duplicate":
      return `${signal} ${id} was emitted before (number ${String(seq)} of its emitter); nothing was published`;
    case "volatile":
      return `${signal} ${id} was published; telemetry is not kept`;
  }
}
