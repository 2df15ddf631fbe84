/** `chem-bus trace`: the story that a signal belongs to. */
import { loadContracts } from "@kloros/bus";
import { Command } from "commander";
import { contractDirs } from "../program/contract-dirs.ts";
import { answerNo } from "../program/errors.ts";
import { existingHome, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { printJson, printLine, remark } from "../program/output.ts";
import { paintFor, widthOf } from "../program/paint.ts";
import { drawStory, summarizeStory } from "../trace/draw-story.ts";
import { findStories, type FoundStories, MAX_STORIES } from "../trace/find-story.ts";
import type { StoryRow } from "../trace/story.ts";

export function traceCommand(): Command {
  const command = new Command("trace")
    .description(
      "Show what led to a signal and what came of it, as a tree with times; works on a stopped mesh too.",
    )
    .argument("<id>", "id of a signal, question id, investigation id, or any other fact's exact value");
  return withCommonOptions(command)
    .action(async (id: string, options: CommonOptions) => {
      const home = existingHome(options);
      const found = await findStories(home, id, loadContracts({ extraDirs: await contractDirs(home) }));
      for (const line of found.unreadable) remark(`a journal cannot be read: ${line}`);
      if (found.rows.length === 0) throw answerNo(nothingFound(id, found));
      if (found.omitted > 0)
        remark(
          `${id} occurs in ${String(found.omitted + MAX_STORIES)} stories; the newest ${String(MAX_STORIES)} are shown`,
        );
      if (options.json === true) await printJson(found.rows);
      else await printStories(found.rows);
    })
    .addHelpText(
      "after",
      `
Examples:
  chem-bus trace discover.module.audio
  chem-bus trace 01890a5d-ac96-774b-bcce-b302099a8057 --json | jq -r '.[] | [.latency_ms, .signal] | @tsv'

+77ms in front of a signal is the time since the signal that caused it.`,
    );
}

function nothingFound(id: string, { deadLetter }: FoundStories): string {
  if (!deadLetter) return `no journal knows ${id}; a question id or the whole id of a signal is expected`;
  return `no signal came of ${id}; ${deadLetter.daemon} refused it: ${deadLetter.error} (chem-bus dead show ${deadLetter.id})`;
}

async function printStories(rows: readonly StoryRow[]): Promise<void> {
  const paint = paintFor();
  const stories = new Map<string, StoryRow[]>();
  for (const row of rows) {
    const story = stories.get(row.correlation_id) ?? [];
    story.push(row);
    stories.set(row.correlation_id, story);
  }
  for (const story of stories.values()) {
    await printLine(summarizeStory(story, paint));
    for (const line of drawStory(story, paint, widthOf())) await printLine(line);
  }
}
