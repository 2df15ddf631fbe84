/** `dream.yaml`, read for one trigger: the experiment that it means, or the refusal that tells every mistake in the file. */
import { type DreamFile, type Experiment, readDreamFile } from "@kloros/experiments";
import { problemLine, type YamlProblem } from "@kloros/checked-yaml";
import { chooseExperiment } from "../decide/choose-experiment.ts";
import { type Failed, failed } from "../decide/outcome.ts";
import type { Trigger } from "../decide/trigger.ts";

export type ChosenExperiment =
  | { readonly kind: "chosen"; readonly experiment: Experiment; readonly file: DreamFile }
  | { readonly kind: "refused"; readonly failure: Failed };

/** Mistakes that one message tells; who mends those sees the others next time. */
const MAX_TOLD = 20;

export async function chosenExperiment(home: string, trigger: Trigger): Promise<ChosenExperiment> {
  const reading = await readDreamFile(home);
  if (reading.kind === "missing")
    return refused("dream_lab/dream.yaml does not exist: write one, or run kloros init");
  if (reading.kind === "invalid") return refused(told(reading.problems));
  const choice = chooseExperiment(reading.file, trigger);
  return choice.kind === "refused" ? choice : { ...choice, file: reading.file };
}

function refused(message: string): ChosenExperiment {
  return { kind: "refused", failure: failed("ConfigInvalid", message) };
}

function told(problems: readonly YamlProblem[]): string {
  const lines = problems.slice(0, MAX_TOLD).map(problemLine);
  const more = problems.length - lines.length;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join("\n");
}
