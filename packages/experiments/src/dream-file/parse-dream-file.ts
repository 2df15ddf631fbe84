/** The text of `dream.yaml` to what it means: every default filled in, every mistake told at once. */
import { type CheckedYaml, type Cursor, type Fields, readCheckedYaml } from "@kloros/checked-yaml";
import type { DreamFile, Experiment, Mutators } from "./dream-file.ts";
import { MAX_EXPERIMENTS, MUTATORS, RETENTION, RUN } from "./dream-limits.ts";
import { readBudget } from "./read-budget.ts";
import { type Claim, readExperiment } from "./read-experiment.ts";
import { numberOf, wholeOf } from "./read-field.ts";

/** `fileName` is how the problems name the file. Never throws for what is written in the text. */
export function parseDreamFile(text: string, fileName: string): CheckedYaml<DreamFile> {
  return readCheckedYaml(text, fileName, (root) =>
    root.map((fields) => {
      const run = readRun(fields.optional("run"));
      return {
        run,
        retention: readRetention(fields.optional("retention")),
        mutators: readMutators(fields.optional("mutators")),
        experiments: readExperiments(fields.optional("experiments"), run),
      };
    }),
  );
}

function readRun(cursor: Cursor | undefined): DreamFile["run"] {
  const scheduling = (fields?: Fields) => ({
    max_parallel: wholeOf(fields, "max_parallel", RUN.max_parallel),
    backoff_sec: numberOf(fields, "backoff_sec", RUN.backoff_sec),
  });
  const read = (fields?: Fields) => ({
    seed: wholeOf(fields, "seed", RUN.seed),
    global_budget: readBudget(fields?.optional("global_budget"), null),
    scheduling: fields?.optional("scheduling")?.map(scheduling) ?? scheduling(),
  });
  return cursor?.map(read) ?? read();
}

function readRetention(cursor: Cursor | undefined): DreamFile["retention"] {
  const read = (fields?: Fields) => ({
    keep_cycles: wholeOf(fields, "keep_cycles", RETENTION.keep_cycles),
    keep_versions: wholeOf(fields, "keep_versions", RETENTION.keep_versions),
  });
  return cursor?.map(read) ?? read();
}

function readMutators(cursor: Cursor | undefined): Mutators {
  const read = (fields?: Fields): Mutators => ({
    algorithm: fields?.optional("algorithm")?.oneOf(["auto", "evolution", "cma_es", "random"]) ?? "auto",
    gaussian_sigma: numberOf(fields, "gaussian_sigma", MUTATORS.gaussian_sigma),
    categorical_rate: numberOf(fields, "categorical_rate", MUTATORS.categorical_rate),
    crossover_rate: numberOf(fields, "crossover_rate", MUTATORS.crossover_rate),
  });
  return cursor?.map(read) ?? read();
}

function readExperiments(cursor: Cursor | undefined, run: DreamFile["run"]): readonly Experiment[] {
  const claim = claims();
  return (
    cursor?.list((item) => readExperiment(item, run.global_budget, claim), { max: MAX_EXPERIMENTS }) ?? []
  );
}

/** A trigger's topic must mean one experiment: its name, or a topic of it alone. */
function claims(): Claim {
  const owners = new Map<string, string>();
  return (word, cursor, owner) => {
    const other = owners.get(word);
    if (other === undefined) owners.set(word, owner);
    else
      cursor.problem(
        `is ${word}, which ${other === owner ? "this experiment" : other} is called already; remove it or choose another`,
      );
  };
}
