/** `chem-bus dead show`: one dead letter, whole. */
import { type DeadLetter, readDeadLetters } from "@kloros/bus";
import { Command } from "commander";
import { signalIdOf } from "../dead/letter-signal.ts";
import { drawLetter } from "../dead/letter-text.ts";
import { answerNo } from "../program/errors.ts";
import { existingHome, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { printJson, printLine, remark } from "../program/output.ts";
import { paintFor } from "../program/paint.ts";

/** Shortest beginning of an id that is taken for it. */
const MIN_PREFIX = 8;

export function deadShowCommand(): Command {
  const command = new Command("show")
    .description("Show a dead letter with its signal and traceback.")
    .argument("<id>", "id of the letter, or of the signal that failed; its beginning is enough when unique");
  return withCommonOptions(command)
    .action(async (id: string, options: CommonOptions) => {
      const { letters } = await readDeadLetters(existingHome(options));
      const letter = findLetter(letters, id);
      if (options.json === true) return printJson(letter);
      for (const line of drawLetter(letter, paintFor())) await printLine(line);
    })
    .addHelpText("after", "\nExample:\n  chem-bus dead show 4f0c1b7e");
}

function findLetter(letters: readonly DeadLetter[], id: string): DeadLetter {
  const exact = letters.filter((letter) => letter.id === id || signalIdOf(letter) === id);
  const found =
    exact.length > 0 || id.length < MIN_PREFIX ? exact : letters.filter((letter) => letter.id.startsWith(id));
  const latest = found.at(-1);
  if (!latest) throw answerNo(`there is no dead letter ${id}; see: chem-bus dead list`);
  if (exact.length === 0 && found.length > 1)
    throw answerNo(`${id} is the beginning of ${String(found.length)} ids; write more of it`);
  if (found.length > 1)
    remark(
      `${String(found.length)} daemons could not handle this signal; the latest is shown, the others: ${others(found)}`,
    );
  return latest;
}

function others(found: readonly DeadLetter[]): string {
  return found
    .slice(0, -1)
    .map(({ id }) => id)
    .join(", ");
}
