/** What every number of `dream.yaml` may be, and what it is when it is left out. `docs/experiments.md` mirrors this table. */

/** A number's default and its range, both ends included. */
export interface NumberField {
  readonly default: number;
  readonly min: number;
  readonly max: number;
}

const field = (standard: number, min: number, max: number): NumberField => ({ default: standard, min, max });

const WEEK_SECONDS = 604_800;
const DAY_SECONDS = 86_400;
const MIB = 1024 ** 2;

export const BUDGET = {
  wallclock_sec: field(900, 1, WEEK_SECONDS),
  max_candidates: field(200, 1, 100_000),
  max_generations: field(20, 1, 10_000),
};

export const RUN = {
  /** Seeds are 31 bits everywhere, so that evaluators of any language can take them. */
  seed: field(1, 0, 2 ** 31 - 1),
  max_parallel: field(1, 1, 256),
  backoff_sec: field(0, 0, 3600),
};

export const RETENTION = {
  keep_cycles: field(20, 1, 100_000),
  keep_versions: field(5, 0, 100_000),
};

export const MUTATORS = {
  gaussian_sigma: field(0.15, 0.0001, 1),
  categorical_rate: field(0.2, 0, 1),
  crossover_rate: field(0.5, 0, 1),
};

/** Defaults above the population shrink to it; `survivors` is half of it. */
export const SELECTOR = {
  population: field(12, 2, 10_000),
  tournament_size: field(3, 1, 10_000),
  survivors: field(6, 1, 10_000),
  elitism: field(1, 0, 10_000),
  fresh_inject: field(1, 0, 10_000),
};

export const CONVERGENCE = { patience_gens: field(5, 1, 10_000) };

export const EVALUATOR = {
  timeout_s: field(30, 0.1, DAY_SECONDS),
  repeats: field(1, 1, 1000),
};

/** `cpu_s` is by default `timeout_s` on every core. */
export const EVALUATOR_LIMITS = {
  cpu_s: field(30, 0.1, 256 * DAY_SECONDS),
  memory_bytes: field(1024 * MIB, MIB, 1024 ** 5),
  output_bytes: field(MIB, 1024, 1024 * MIB),
};

export const ARTIFACT = { timeout_s: field(30, 0.1, DAY_SECONDS) };
export const VALIDATE = { timeout_s: field(60, 0.1, DAY_SECONDS) };
export const PROBATION = { seconds: field(30, 0.1, WEEK_SECONDS) };

/** `repeats` is by default at least the evaluator's. */
export const ACCEPTANCE = {
  repeats: field(5, 1, 1000),
  max_p_value: field(0.05, 0, 1),
  min_improvement: field(0, 0, Number.MAX_VALUE),
};

/** More experiments than this are not written by hand. */
export const MAX_EXPERIMENTS = 1000;
export const MAX_TOPICS = 100;
export const MAX_PARAMETERS = 200;
export const MAX_CHOICE_VALUES = 1000;
/** Words of a command, and characters of a word: below what the kernel takes. */
export const MAX_COMMAND_WORDS = 200;
export const MAX_WORD_CHARACTERS = 10_000;
