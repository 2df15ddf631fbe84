/** One entry of `experiments:`, with every default filled in. */
import { availableParallelism } from "node:os";
import type { Cursor, Fields, TextLimits } from "@kloros/checked-yaml";
import { paramsProblems } from "../search-space/params-problems.ts";
import { readSearchSpace } from "../search-space/read-search-space.ts";
import type { Params, SearchSpace } from "../search-space/search-space.ts";
import type { Budget, Evaluator, Experiment } from "./dream-file.ts";
import {
  ACCEPTANCE,
  CONVERGENCE,
  EVALUATOR,
  EVALUATOR_LIMITS,
  MAX_TOPICS,
  PROBATION,
  VALIDATE,
} from "./dream-limits.ts";
import { readArtifact } from "./read-artifact.ts";
import { readBudget } from "./read-budget.ts";
import { readCommand } from "./read-command.ts";
import { bytesOf, numberOf, wholeOf } from "./read-field.ts";
import { readSelector } from "./read-selector.ts";

const NAME = {
  pattern: /^[a-z0-9][a-z0-9_-]{0,63}$/,
  form: "a name fit for a folder: 1 to 64 of a-z, 0-9, _ and -, beginning with a letter or a digit",
};
/** In characters, as in the contract of `Q_DREAM_TRIGGER`. */
const MAX_TOPIC_CHARACTERS = 256;

/** Takes a name or topic for the experiment at the path `owner`; reports it when it is taken. */
export type Claim = (word: string, cursor: Cursor, owner: string) => void;

/** `globalBudget`: no experiment gets more. */
export function readExperiment(cursor: Cursor, globalBudget: Budget, claim: Claim): Experiment {
  const claimed = (of: Cursor, limits: TextLimits) => {
    const before = of.problemCount;
    const word = of.string(limits);
    if (of.problemCount === before) claim(word, of, cursor.path);
    return word;
  };
  return cursor.map((fields) => {
    const name = claimed(fields.required("name"), NAME);
    const space = fields.required("search_space");
    const problemsBefore = space.problemCount;
    const search_space = readSearchSpace(space);
    const isSound = space.problemCount === problemsBefore;
    const evaluator = readEvaluator(fields.required("evaluator"));
    const budget = readBudget(fields.optional("budget"), globalBudget);
    return {
      name,
      description: fields.optional("description")?.string({ min: 0 }) ?? "",
      enabled: fields.optional("enabled")?.boolean() ?? true,
      topics:
        fields
          .optional("topics")
          ?.list((topic) => claimed(topic, { max: MAX_TOPIC_CHARACTERS }), { max: MAX_TOPICS }) ?? [],
      search_space,
      baseline: readBaseline(fields.optional("baseline"), isSound ? search_space : null),
      evaluator,
      budget,
      metrics: {
        target_direction:
          fields
            .optional("metrics")
            ?.map((metrics) => metrics.optional("target_direction")?.oneOf(["up", "down"])) ?? "up",
      },
      selector: readSelector(fields.optional("selector"), budget.max_candidates),
      convergence: readConvergence(fields.optional("convergence")),
      artifact: readArtifact(fields.optional("artifact")),
      validate: readValidate(fields.optional("validate")),
      probation: readProbation(fields.optional("probation")),
      acceptance: readAcceptance(fields.optional("acceptance"), evaluator.repeats),
    };
  });
}

/** `space` is null when it has mistakes of its own: they would be told twice. */
function readBaseline(cursor: Cursor | undefined, space: SearchSpace | null): Params | null {
  if (!cursor) return null;
  if (cursor.kind !== "map") {
    cursor.map(() => undefined);
    return null;
  }
  const params = Object.fromEntries(
    cursor.entries((key, value) => [key.string({ min: 0 }), value.scalar()] as const),
  );
  if (space)
    for (const problem of paramsProblems(space, params))
      cursor.problem(`is no point of the search space: ${problem}`);
  return params;
}

function readEvaluator(cursor: Cursor): Evaluator {
  return cursor.map((fields) => {
    const timeout_s = numberOf(fields, "timeout_s", EVALUATOR.timeout_s);
    const limits = (of?: Fields) => ({
      cpu_s: numberOf(of, "cpu_s", EVALUATOR_LIMITS.cpu_s, timeout_s * availableParallelism()),
      memory_bytes: bytesOf(of, "memory_bytes", EVALUATOR_LIMITS.memory_bytes),
      output_bytes: bytesOf(of, "output_bytes", EVALUATOR_LIMITS.output_bytes),
    });
    return {
      command: readCommand(fields.required("command"), "evaluator"),
      timeout_s,
      repeats: wholeOf(fields, "repeats", EVALUATOR.repeats),
      limits: fields.optional("limits")?.map(limits) ?? limits(),
    };
  });
}

function readConvergence(cursor: Cursor | undefined): Experiment["convergence"] {
  const read = (fields?: Fields) => ({
    patience_gens: wholeOf(fields, "patience_gens", CONVERGENCE.patience_gens),
  });
  return cursor?.map(read) ?? read();
}

function readValidate(cursor: Cursor | undefined): Experiment["validate"] {
  return (
    cursor?.map((fields) => ({
      command: readCommand(fields.required("command"), "validate"),
      timeout_s: numberOf(fields, "timeout_s", VALIDATE.timeout_s),
    })) ?? null
  );
}

function readProbation(cursor: Cursor | undefined): Experiment["probation"] {
  return (
    cursor?.map((fields) => ({
      command: readCommand(fields.required("command"), "probation"),
      seconds: numberOf(fields, "seconds", PROBATION.seconds),
    })) ?? null
  );
}

function readAcceptance(cursor: Cursor | undefined, evaluatorRepeats: number): Experiment["acceptance"] {
  const read = (fields?: Fields) => ({
    repeats: wholeOf(
      fields,
      "repeats",
      ACCEPTANCE.repeats,
      Math.max(ACCEPTANCE.repeats.default, evaluatorRepeats),
    ),
    max_p_value: numberOf(fields, "max_p_value", ACCEPTANCE.max_p_value),
    min_improvement: numberOf(fields, "min_improvement", ACCEPTANCE.min_improvement),
  });
  return cursor?.map(read) ?? read();
}
