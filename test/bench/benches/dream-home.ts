/** A home with one experiment whose evaluator does nothing but answer, and promotions for it. */
import { copyFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../processes/checkout.ts";
import { type DaemonName, RunningDaemon } from "../processes/daemon.ts";
import { nowNs } from "../processes/protocol.ts";
import type { Scratch } from "../processes/scratch.ts";

export interface TrivialExperiment {
  readonly population: number;
  readonly generations: number;
}

export const EXPERIMENT = "answer";
/** A program that is as good as no program: a millisecond or two, most of it for its start. */
export const EVALUATOR = ["/usr/bin/printf", '{"fitness": 1}\\n'] as const;

const DREAMERS = [
  "orchestrator_monitor",
  "kloros_policy_engine",
  "tournament_consumer_daemon",
  "dream_consumer_daemon",
] as const satisfies readonly DaemonName[];

/** The home, with the policies that a new home gets. */
export async function dreamHome(
  scratch: Scratch,
  { population, generations }: TrivialExperiment,
): Promise<string> {
  const home = await scratch.home();
  const experiment = {
    name: EXPERIMENT,
    search_space: { x: { type: "real", min: 0, max: 1 } },
    evaluator: { command: EVALUATOR },
    selector: { population },
    budget: { max_candidates: population * generations, max_generations: generations },
    convergence: { patience_gens: generations },
    acceptance: { repeats: 1 },
  };
  const run = { global_budget: { max_candidates: population * generations, max_generations: generations } };
  writeFileSync(join(home, "dream_lab", "dream.yaml"), JSON.stringify({ run, experiments: [experiment] })); // JSON is YAML.
  copyFileSync(new URL("packages/policy-engine/policies.yaml", ROOT), join(home, "policies.yaml"));
  return home;
}

/** The daemons through which a promotion becomes a cycle, ready. */
export async function startDreamers(home: string): Promise<{ stop(): Promise<void> }> {
  const daemons = DREAMERS.map((name) => new RunningDaemon(name, home));
  for (const daemon of daemons) await daemon.readyMs;
  return {
    stop: async () => {
      for (const daemon of daemons) await daemon.stop();
    },
  };
}

/** Renames a new promotion into the folder; the moment of the rename, in nanoseconds. */
export function dropPromotion(home: string, index: number): number {
  const hidden = join(home, `promotion-${index}.tmp`);
  writeFileSync(hidden, promotionText(index));
  const atNs = nowNs();
  renameSync(hidden, join(home, "dream_lab", "promotions", `promotion-${index}.json`));
  return atNs;
}

/** As a cycle elsewhere writes them: 300 bytes and more. */
export function promotionText(index: number): string {
  const promotion = {
    experiment: EXPERIMENT,
    updated_at: "2025-11-15T10:30:00.000Z",
    source: "bench",
    winner: { fitness: 0.5 + index / 1e6, params: { x: 0.5 }, metrics: { rounds: 10, spread: 0.01 } },
    apply_map: { x: `config.${EXPERIMENT}.x` },
    promotion_id: `promotion-${index}`,
  };
  return JSON.stringify(promotion, null, 2);
}
