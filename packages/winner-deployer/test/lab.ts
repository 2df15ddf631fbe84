/** A home with an experiment whose fitness is its parameter `x`, and winners of cycles in it; gone after the test. */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureHome } from "@kloros/bus";
import {
  cyclePaths,
  deployedPaths,
  encodeCycle,
  encodeWinner,
  type Experiment,
  treeSha256,
  winnerPath,
  type WinnerRecord,
} from "@kloros/experiments";
import { onTestFinished } from "vitest";

export const EXPERIMENT = "tune";
/** Prints what it is given as `x`: quick, and never noisy. */
const FITNESS_IS_X = ["sed", "-n", 's/.*"x":\\([-0-9.]*\\).*/{"fitness": \\1}/p'];

export interface Lab {
  readonly home: string;
  readonly workspace: string;
  readonly paths: ReturnType<typeof deployedPaths>;
  /** Writes what the dream consumer would: the cycle and its winner with parameter `x`. */
  winner(cycleId: string, x: number, changes?: WinnerChanges): Promise<void>;
  /** SHA-256 of `deployed/tune/versions` and what `current` leads to. */
  deployed(): Promise<{ tree: string | null; current: string | null }>;
  history(): Promise<Record<string, unknown>[]>;
}

export interface WinnerChanges {
  readonly experiment?: Partial<Experiment>;
  readonly record?: Partial<WinnerRecord>;
  readonly artifact?: string | Buffer;
}

export async function lab(): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), "kloros-deployer-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return labIn(folder);
}

export async function labIn(folder: string): Promise<Lab> {
  const [home, workspace] = [join(folder, "home"), join(folder, "workspace")];
  await mkdir(workspace, { recursive: true });
  await mkdir(home, { recursive: true, mode: 0o700 });
  await ensureHome(home);
  const paths = deployedPaths(home, EXPERIMENT);
  return {
    home,
    workspace,
    paths,
    winner: async (cycleId, x, changes = {}) => writeWinner(home, cycleId, x, changes),
    deployed: async () => ({
      tree: await treeSha256(paths.versions).catch(() => null),
      current: await readFile(join(paths.current, "version.json"), "utf8").then(
        (text) => (JSON.parse(text) as { version_id: string }).version_id,
        () => null,
      ),
    }),
    history: async () =>
      (await readFile(paths.history, "utf8").catch(() => ""))
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

async function writeWinner(
  home: string,
  cycleId: string,
  x: number,
  { experiment, record, artifact }: WinnerChanges,
): Promise<void> {
  const content = artifact ?? `{"x": ${String(x)}}\n`;
  const cycle = encodeCycle({
    schema: "kloros.cycle/1",
    cycle_id: cycleId,
    experiment: { ...anExperiment(), ...experiment },
    topic: null,
    trigger_id: "t",
    correlation_id: "c",
    attempt: 1,
    seed: 1,
    run: {
      seed: 1,
      global_budget: { wallclock_sec: 900, max_candidates: 200, max_generations: 20 },
      scheduling: { max_parallel: 1, backoff_sec: 0 },
    },
    mutators: { algorithm: "auto", gaussian_sigma: 0.15, categorical_rate: 0.2, crossover_rate: 0.5 },
    promotions: [],
    incumbent: null,
    started_at: "2025-11-15T10:30:00.000Z",
  });
  await put(cyclePaths(home, cycleId).cycle, cycle);
  const winner: WinnerRecord = {
    schema: "kloros.winner/1",
    cycle_id: cycleId,
    experiment: experiment?.name ?? EXPERIMENT,
    winner_id: "c00042",
    params: { x },
    fitness: x,
    incumbent: null,
    improvement: 1,
    p_value: null,
    metrics: {},
    artifact: { file: "params.json", sha256: createHash("sha256").update(content).digest("hex") },
    promotions: [],
    created_at: "2025-11-15T10:31:00.000Z",
    ...record,
  };
  await put(join(home, winnerPath(cycleId)), encodeWinner(winner));
  await put(join(home, "dream_lab", "winners", cycleId, winner.artifact.file), content);
}

export async function put(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

export function anExperiment(): Experiment {
  return {
    name: EXPERIMENT,
    description: "",
    enabled: true,
    topics: [],
    search_space: new Map([["x", { type: "real", min: 0, max: 1_000, log: false, when: null }]]),
    baseline: null,
    evaluator: {
      command: FITNESS_IS_X,
      timeout_s: 30,
      repeats: 1,
      limits: { cpu_s: 30, memory_bytes: 512 * 1024 * 1024, output_bytes: 1024 * 1024 },
    },
    budget: { wallclock_sec: 900, max_candidates: 200, max_generations: 20 },
    metrics: { target_direction: "up" },
    selector: { population: 12, tournament_size: 3, survivors: 6, elitism: 1, fresh_inject: 1 },
    convergence: { patience_gens: 5 },
    artifact: { kind: "params", file: "params.json" },
    validate: { command: ["grep", "-q", "x", "{artifact}"], timeout_s: 20 },
    probation: { command: ["test", "-f", "{current}/params.json"], seconds: 0.05 },
    acceptance: { repeats: 2, max_p_value: 0.05, min_improvement: 0 },
  };
}

export async function until<T>(
  what: string,
  probe: () => T | undefined | false | null | Promise<T | undefined | false | null>,
  deadlineMs = 40_000,
): Promise<T> {
  const giveUpAt = performance.now() + deadlineMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false && found !== null) return found;
    if (performance.now() > giveUpAt) throw new Error(`not in ${String(deadlineMs)} ms: ${what}`);
    await sleep(10);
  }
}
