/**
 * Whether the shipped search is worth more than lots: both get the same evaluations on problems with a known optimum. The settings
 * are those of a dream.yaml that sets none. Plateaus do not end it here; in a cycle `patience_gens` would.
 */
import { searchEngine } from "@kloros/dream-consumer";
import { type DreamFile, type Mutators, parseDreamFile } from "@kloros/experiments";
import { atLeast, type Row } from "../report/row.ts";
import { median } from "../statistics.ts";
import type { Run } from "./bench.ts";
import { type Problem, PROBLEMS } from "./search-problems.ts";

type Algorithm = Mutators["algorithm"];

/** Evaluations of each search. */
const EVALUATIONS = 400;
const SEEDS = 20;
const TARGET_WINS = 19;
const COMPARED: readonly Algorithm[] = ["random", "evolution", "cma_es", "auto"];

export async function searchQuality({ progress }: Run): Promise<Row[]> {
  const rows: Row[] = [];
  for (const problem of PROBLEMS) {
    const file = readProblem(problem);
    const best = Object.fromEntries(
      COMPARED.map((algorithm) => [algorithm, costs(problem, file, algorithm)]),
    );
    rows.push(...rowsOf(problem, best as Record<Algorithm, number[]>));
    progress(tableLine(problem, best as Record<Algorithm, number[]>));
    await new Promise((resolve) => setImmediate(resolve)); // Lets a Ctrl-C in.
  }
  return rows;
}

function rowsOf({ name }: Problem, best: Record<Algorithm, number[]>): Row[] {
  const wins = best.auto.filter((cost, seed) => cost < best.random[seed]!).length;
  const regret = best.auto.map((cost, seed) => cost / best.random[seed]!);
  return [
    {
      name: `${name}.wins`,
      value: wins,
      unit: "seeds",
      target: atLeast(TARGET_WINS),
      detail: `of ${SEEDS}: better than random search after ${EVALUATIONS} evaluations each`,
    },
    {
      name: `${name}.regret_ratio`,
      value: median(regret),
      unit: "x",
      detail: "cost above the optimum / random's, median",
    },
    ...COMPARED.map((algorithm): Row => ({
      name: `${name}.${algorithm}`,
      value: median(best[algorithm]),
      unit: "cost",
    })),
  ];
}

function tableLine({ name }: Problem, best: Record<Algorithm, number[]>): string {
  const medians = COMPARED.map((algorithm) => `${algorithm} ${median(best[algorithm]).toPrecision(3)}`);
  return `${name}: median of best costs: ${medians.join(", ")}`;
}

/** The best cost that each seed's search has found. */
function costs(problem: Problem, file: DreamFile, algorithm: Algorithm): number[] {
  return Array.from({ length: SEEDS }, (_, seed) => search(problem, file, algorithm, seed));
}

function search(
  problem: Problem,
  { experiments, mutators }: DreamFile,
  algorithm: Algorithm,
  seed: number,
): number {
  const { search_space: space, selector } = experiments[0]!;
  const options = {
    space,
    selector,
    mutators: { ...mutators, algorithm },
    direction: "down",
    seed,
    starts: [],
  } as const;
  let state = searchEngine.begin(options);
  let best = Infinity;
  for (let made = 0; made < EVALUATIONS;) {
    const asked = searchEngine.ask(options, state, EVALUATIONS - made);
    const outcomes = asked.proposals.map(({ params }, index) => ({
      candidate_id: `c${made + index}`,
      params,
      fitness: problem.cost(params, space, seed),
    }));
    best = Math.min(best, ...outcomes.map(({ fitness }) => fitness));
    made += outcomes.length;
    state = searchEngine.tell(options, asked.state, outcomes);
  }
  return best;
}

function readProblem({ name, space }: Problem): DreamFile {
  const text = `run: {global_budget: {max_candidates: ${EVALUATIONS}}}
experiments:
  - name: ${name}
    search_space: ${space}
    evaluator: {command: ["true"]}
    budget: {max_candidates: ${EVALUATIONS}}
`;
  const reading = parseDreamFile(text, `${name}.yaml`);
  if (reading.kind === "invalid") throw new Error(reading.problems.map(({ message }) => message).join("; "));
  return reading.value;
}
