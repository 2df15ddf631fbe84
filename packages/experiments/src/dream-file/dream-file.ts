/** `dream_lab/dream.yaml` as the daemons see it: checked, with every default filled in. Read by `read-dream-file.ts`. */
import type { Params, SearchSpace } from "../search-space/search-space.ts";

/** Words of a program's command line. Placeholders of `placeholders.ts` are filled in; no shell sees it. */
export type Command = readonly string[];

export interface DreamFile {
  readonly run: {
    /** Makes candidates repeatable; each experiment derives its own from it. */
    readonly seed: number;
    /** Limits of one cycle, whatever its experiment asks for. */
    readonly global_budget: Budget;
    readonly scheduling: {
      /** Candidates evaluated at once. */
      readonly max_parallel: number;
      /** Wait between two generations, in seconds. */
      readonly backoff_sec: number;
    };
  };
  readonly retention: {
    /** Finished cycles whose folders are kept, newest first. */
    readonly keep_cycles: number;
    /** Versions kept per experiment besides the current one and the one before. */
    readonly keep_versions: number;
  };
  /** How candidates are made from others. */
  readonly mutators: Mutators;
  readonly experiments: readonly Experiment[];
}

export interface Budget {
  readonly wallclock_sec: number;
  readonly max_candidates: number;
  readonly max_generations: number;
}

export interface Mutators {
  /** `auto` chooses by the search space. */
  readonly algorithm: "auto" | "evolution" | "cma_es" | "random";
  /** Standard deviation of a Gaussian step, as a share of the (logarithmic) range. */
  readonly gaussian_sigma: number;
  /** Chance that a categorical or boolean parameter is drawn anew. */
  readonly categorical_rate: number;
  /** Chance that a child has two parents. */
  readonly crossover_rate: number;
}

export interface Experiment {
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  /** Topics of triggers and promotions that mean this experiment, besides its name. */
  readonly topics: readonly string[];
  readonly search_space: SearchSpace;
  /** Parameters in use before anything was deployed; null: nothing runs yet, the first usable winner is deployed. */
  readonly baseline: Params | null;
  readonly evaluator: Evaluator;
  readonly budget: Budget;
  readonly metrics: { readonly target_direction: "up" | "down" };
  readonly selector: Selector;
  readonly convergence: {
    /** Generations without a better best after which the search ends. */
    readonly patience_gens: number;
  };
  readonly artifact: ArtifactSpec;
  readonly validate: { readonly command: Command; readonly timeout_s: number } | null;
  readonly probation: { readonly command: Command; readonly seconds: number } | null;
  /** How sure the comparison with what is deployed must be. */
  readonly acceptance: {
    /** Measurements of each side in the final comparison. */
    readonly repeats: number;
    /** Largest chance of taking luck for an improvement. */
    readonly max_p_value: number;
    /** Least improvement, in units of fitness. */
    readonly min_improvement: number;
  };
}

export interface Evaluator {
  readonly command: Command;
  /** Longest run of one measurement, in seconds. */
  readonly timeout_s: number;
  /** Measurements per candidate. */
  readonly repeats: number;
  readonly limits: EvaluatorLimits;
}

export interface EvaluatorLimits {
  /** CPU time of all processes of one measurement, in seconds. */
  readonly cpu_s: number;
  /** Resident memory of all processes of one measurement, in bytes. */
  readonly memory_bytes: number;
  /** Standard output and standard error, in bytes each. */
  readonly output_bytes: number;
}

export interface Selector {
  /** Candidates per generation. */
  readonly population: number;
  /** Candidates drawn for one tournament selection. */
  readonly tournament_size: number;
  /** Candidates that may have children. */
  readonly survivors: number;
  /** Best candidates kept as they are. */
  readonly elitism: number;
  /** Candidates drawn at random in each generation. */
  readonly fresh_inject: number;
}

/** What is deployed: a file made of the parameters. `file` is its name in the version's folder. */
export type ArtifactSpec =
  | { readonly kind: "params"; readonly file: "params.json" }
  | { readonly kind: "template"; readonly file: string; readonly template: string }
  | {
      readonly kind: "mutator";
      readonly file: string;
      readonly command: Command;
      readonly timeout_s: number;
      readonly source: string;
    };
