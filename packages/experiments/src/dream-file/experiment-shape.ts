/** The form of an experiment in the files of a cycle. What its numbers may be was checked when `dream.yaml` was read. */
import {
  type Check,
  either,
  isBoolean,
  isCount,
  isFinite,
  isName,
  isText,
  listOf,
  nullable,
  oneOf,
  shape,
} from "../json-shape.ts";
import { isParams } from "../search-space/params-shape.ts";
import type {
  ArtifactSpec,
  Budget,
  Command,
  DreamFile,
  Evaluator,
  EvaluatorLimits,
  Experiment,
  Mutators,
  Selector,
} from "./dream-file.ts";

const isCommand: Check<Command> = listOf(isText);
const isBudget = shape<Budget>({
  wallclock_sec: isFinite,
  max_candidates: isCount,
  max_generations: isCount,
});

export const isRun = shape<DreamFile["run"]>({
  seed: isCount,
  global_budget: isBudget,
  scheduling: shape<DreamFile["run"]["scheduling"]>({ max_parallel: isCount, backoff_sec: isFinite }),
});

export const isMutators = shape<Mutators>({
  algorithm: oneOf("auto", "evolution", "cma_es", "random"),
  gaussian_sigma: isFinite,
  categorical_rate: isFinite,
  crossover_rate: isFinite,
});

const isEvaluator = shape<Evaluator>({
  command: isCommand,
  timeout_s: isFinite,
  repeats: isCount,
  limits: shape<EvaluatorLimits>({ cpu_s: isFinite, memory_bytes: isFinite, output_bytes: isFinite }),
});

const isSelector = shape<Selector>({
  population: isCount,
  tournament_size: isCount,
  survivors: isCount,
  elitism: isCount,
  fresh_inject: isCount,
});

const isArtifact: Check<ArtifactSpec> = either(
  either(
    shape<Extract<ArtifactSpec, { kind: "params" }>>({ kind: oneOf("params"), file: oneOf("params.json") }),
    shape<Extract<ArtifactSpec, { kind: "template" }>>({
      kind: oneOf("template"),
      file: isName,
      template: isName,
    }),
  ),
  shape<Extract<ArtifactSpec, { kind: "mutator" }>>({
    kind: oneOf("mutator"),
    file: isName,
    command: isCommand,
    timeout_s: isFinite,
    source: isName,
  }),
);

/** `search_space` may be anything here: in a file it is a list of pairs. */
export const isExperiment = shape<Omit<Experiment, "search_space">>({
  name: isName,
  description: isText,
  enabled: isBoolean,
  topics: listOf(isText),
  baseline: nullable(isParams),
  evaluator: isEvaluator,
  budget: isBudget,
  metrics: shape<Experiment["metrics"]>({ target_direction: oneOf("up", "down") }),
  selector: isSelector,
  convergence: shape<Experiment["convergence"]>({ patience_gens: isCount }),
  artifact: isArtifact,
  validate: nullable(shape<NonNullable<Experiment["validate"]>>({ command: isCommand, timeout_s: isFinite })),
  probation: nullable(shape<NonNullable<Experiment["probation"]>>({ command: isCommand, seconds: isFinite })),
  acceptance: shape<Experiment["acceptance"]>({
    repeats: isCount,
    max_p_value: isFinite,
    min_improvement: isFinite,
  }),
});
