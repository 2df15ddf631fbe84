/** Experiments as `dream.yaml` gives them. */
import type { Experiment } from "@kloros/experiments";

export function experiment(name: string, changes: Partial<Experiment> = {}): Experiment {
  return {
    name,
    description: "",
    enabled: true,
    topics: [],
    search_space: new Map([
      ["x", { type: "int", min: 0, max: 10, log: false, when: null }],
      ["kind", { type: "choice", values: ["plain", "fancy"], when: null }],
      ["depth", { type: "int", min: 1, max: 3, log: false, when: { param: "kind", values: ["fancy"] } }],
    ]),
    baseline: null,
    evaluator: {
      command: ["true"],
      timeout_s: 5,
      repeats: 1,
      limits: { cpu_s: 5, memory_bytes: 1_000_000, output_bytes: 1_000 },
    },
    budget: { wallclock_sec: 60, max_candidates: 30, max_generations: 3 },
    metrics: { target_direction: "up" },
    selector: { population: 6, tournament_size: 2, survivors: 3, elitism: 1, fresh_inject: 1 },
    convergence: { patience_gens: 3 },
    artifact: { kind: "params", file: "params.json" },
    validate: null,
    probation: null,
    acceptance: { repeats: 5, max_p_value: 0.05, min_improvement: 0 },
    ...changes,
  };
}
