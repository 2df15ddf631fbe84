/** Command lines of `dream.yaml`: lists of words, whose placeholders have a value where the command runs. */
import type { Cursor } from "@kloros/checked-yaml";
import { type CommandKind, placeholderProblems } from "../placeholders.ts";
import type { Command } from "./dream-file.ts";
import { MAX_COMMAND_WORDS, MAX_WORD_CHARACTERS } from "./dream-limits.ts";

export function readCommand(cursor: Cursor, kind: CommandKind): Command {
  if (cursor.kind === "scalar") {
    cursor.problem("must be a list of words, such as [node, measure.js]: no shell splits a line");
    return [];
  }
  return cursor.list((word, index) => readWord(word, index, kind), { min: 1, max: MAX_COMMAND_WORDS });
}

function readWord(cursor: Cursor, index: number, kind: CommandKind): string {
  const word = cursor.string({ min: index === 0 ? 1 : 0, max: MAX_WORD_CHARACTERS });
  if (word.includes("\0")) cursor.problem("must not hold a NUL character");
  for (const problem of placeholderProblems(word, kind))
    cursor.problem(`has an unknown placeholder: ${problem}`);
  return word;
}
