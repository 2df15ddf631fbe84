/** A home with one cycle, an evaluator that does as its parameter says, and real nodes; gone after the test. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureHome, type Envelope, type Facts, loadContracts, openNode } from "@kloros/bus";
import type { DaemonContext, DaemonParts, Logger } from "@kloros/daemon";
import {
  type Candidate,
  type CandidateResult,
  type CycleRecord,
  cyclePaths,
  encodeCandidate,
  encodeCycle,
  type Experiment,
  parseResults,
} from "@kloros/experiments";
import { onTestFinished } from "vitest";
import { type Config, settings } from "../src/config.ts";
import { tournamentConsumer } from "../src/tournament-consumer.ts";

export const CYCLE = "dream_20251115_103000_0199d2a4";

/** `{"mode": …, "x": …}` on stdin; `x` is the fitness. Each start leaves a line in `$HOME_LOG`. */
const EVALUATOR = `#!/bin/sh
params=$(cat)
x=$(printf '%s' "$params" | sed -n 's/.*"x":\\([-0-9.]*\\).*/\\1/p')
mode=$(printf '%s' "$params" | sed -n 's/.*"mode":"\\([^"]*\\)".*/\\1/p')
echo "$KLOROS_CANDIDATE $KLOROS_SEED" >> "$1/starts"
case "$mode" in
  ok) echo "reading"; echo "{\\"fitness\\": $x, \\"metrics\\": {\\"seed\\": $KLOROS_SEED}}" ;;
  slow) sleep 0.2; echo "{\\"fitness\\": $x}" ;;
  held) while [ ! -e "$1/go" ]; do sleep 0.02; done; echo "{\\"fitness\\": $x}" ;;
  write) while [ ! -e "$1/go" ]; do sleep 0.02; done; head -c 100000 /dev/zero > data || exit 7; echo "{\\"fitness\\": $x}" ;;
  hang) trap '' TERM; echo '{"fitness": 99}'; sleep 600 ;;
  late) sleep 4; echo '{"fitness": 99}' ;;
  crash) echo "out of ideas" >&2; exit 3 ;;
  signal) kill -SEGV $$ ;;
  fork) (setsid sh -c 'sleep 611 & sleep 612' >/dev/null 2>&1 &); echo "{\\"fitness\\": $x}" ;;
  garbage) printf 'no \\000\\377 idea\\n' ;;
  nan) echo '{"fitness": NaN}' ;;
  infinity) echo '{"fitness": -Infinity}' ;;
  huge) echo '{"fitness": 1e999}' ;;
  text) echo '{"fitness": "0.9"}' ;;
  silent) : ;;
  flood) yes 'all work and no play' | head -c 100000000; echo '{"fitness": 99}' ;;
  hog) exec "$2" -e 'const kept=[]; for(;;) kept.push(Buffer.alloc(4e6, 1))' ;;
  burn) while :; do :; done ;;
  link) rm -rf "$KLOROS_ARTIFACT"; ln -s /etc/passwd "$KLOROS_ARTIFACT"; echo "{\\"fitness\\": $x}" ;;
esac
`;

export function experimentWith(changes: Partial<Experiment> = {}): Experiment {
  return {
    name: "shapes",
    description: "",
    enabled: true,
    topics: [],
    search_space: new Map([["x", { type: "real", min: -100, max: 100, log: false, when: null }]]),
    baseline: null,
    evaluator: {
      command: ["/bin/sh", "{home}/evaluator.sh", "{home}", "{node}"],
      timeout_s: 20,
      repeats: 1,
      limits: { cpu_s: 20, memory_bytes: 512 * 1024 * 1024, output_bytes: 1024 * 1024 },
    },
    budget: { wallclock_sec: 900, max_candidates: 200, max_generations: 20 },
    metrics: { target_direction: "up" },
    selector: { population: 12, tournament_size: 3, survivors: 6, elitism: 1, fresh_inject: 1 },
    convergence: { patience_gens: 5 },
    artifact: { kind: "params", file: "params.json" },
    validate: null,
    probation: null,
    acceptance: { repeats: 5, max_p_value: 0.05, min_improvement: 0 },
    ...changes,
  };
}

export function evaluatorWith(changes: Partial<Experiment["evaluator"]>): Partial<Experiment> {
  return { evaluator: { ...experimentWith().evaluator, ...changes } };
}

export function limitsWith(changes: Partial<Experiment["evaluator"]["limits"]>) {
  return { limits: { ...experimentWith().evaluator.limits, ...changes } };
}

export function cycleWith(experiment: Experiment): CycleRecord {
  return {
    schema: "kloros.cycle/1",
    cycle_id: CYCLE,
    experiment,
    topic: null,
    trigger_id: "0199d2a4-7a00-7000-8000-000000000001",
    correlation_id: "0199d2a4-7a00-7000-8000-000000000001",
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
  };
}

/** `c00001`, … with `x` 1, 2, … where nothing else is said. */
export function candidates(params: readonly Record<string, number | string>[]): Candidate[] {
  return params.map((own, index) => ({
    candidate_id: `c${String(index + 1).padStart(5, "0")}`,
    generation: 0,
    params: { mode: "ok", x: index + 1, ...own },
    origin: { kind: "random", parents: [] },
    seed: 1_000 + index,
  }));
}

export async function homeWith(
  experiment: Experiment,
  entrants: readonly Candidate[],
  tournament = "g000",
  home?: string,
): Promise<string> {
  const folder = home ?? (await mkdtemp(join(tmpdir(), "kloros-tournament-")));
  if (home === undefined) onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await ensureHome(folder);
  const paths = cyclePaths(folder, CYCLE);
  await mkdir(dirname(paths.candidates(tournament)), { recursive: true });
  await writeFile(paths.cycle, encodeCycle(cycleWith(experiment)));
  await writeFile(paths.candidates(tournament), entrants.map((one) => `${encodeCandidate(one)}\n`).join(""));
  await writeFile(join(folder, "evaluator.sh"), EVALUATOR);
  return folder;
}

export function requestFor(
  count: number,
  changes: Partial<Facts<"Q_TOURNAMENT_REQUESTED">> = {},
  tournament = "g000",
): Facts<"Q_TOURNAMENT_REQUESTED"> {
  return {
    tournament_id: `${CYCLE}.${tournament}`,
    cycle_id: CYCLE,
    experiment: "shapes",
    generation: 0,
    candidate_count: count,
    candidates_path: `dream_lab/cycles/${CYCLE}/generations/${tournament}.candidates.jsonl`,
    max_concurrency: 2,
    ...changes,
  };
}

export async function resultsIn(home: string, tournament = "g000"): Promise<readonly CandidateResult[]> {
  return parseResults(await readFile(cyclePaths(home, CYCLE).results(tournament), "utf8").catch(() => ""));
}

/** Ids and seeds of the evaluator's starts, in their order. */
export async function startsIn(home: string): Promise<string[]> {
  const text = await readFile(join(home, "starts"), "utf8").catch(() => "");
  return text.split("\n").filter((line) => line !== "");
}

export type Told = Envelope<"Q_TOURNAMENT_COMPLETE"> | Envelope<"Q_TOURNAMENT_FAILED">;

/** The dream consumer's place on the mesh: asks, and hears how it ended. */
export async function openAsker(home: string) {
  const node = await openNode({ daemon: "dream_consumer_daemon", home, contracts: loadContracts() });
  onTestFinished(() => node.close());
  const told: Told[] = [];
  const progress: Facts<"Q_TOURNAMENT_PROGRESS">[] = [];
  node.on("Q_TOURNAMENT_COMPLETE", (signal) => void told.push(signal));
  node.on("Q_TOURNAMENT_FAILED", (signal) => void told.push(signal));
  node.on("Q_TOURNAMENT_PROGRESS", ({ facts }) => void progress.push(facts));
  await node.start();
  return {
    told,
    progress,
    ask: (facts: Facts<"Q_TOURNAMENT_REQUESTED">) => node.emit("Q_TOURNAMENT_REQUESTED", facts),
    /** The n-th outcome (from 1). */
    outcome: async (count = 1, deadlineMs = 40_000): Promise<Told> => {
      await until(`outcome ${count}`, () => told.length >= count, deadlineMs);
      return told[count - 1]!;
    },
  };
}

const SILENT: unknown = new Proxy({}, { get: () => () => undefined });

/** The daemon in this process. */
export async function startConsumer(home: string, changes: Partial<Config> = {}) {
  const node = await openNode({
    daemon: "tournament_consumer_daemon",
    home,
    contracts: loadContracts(),
  });
  const stopping = new AbortController();
  const context: DaemonContext<Config> = {
    node,
    config: { ...settings.defaults(), ...changes },
    home,
    workspace: join(home, "workspace"),
    log: SILENT as Logger,
    stopping: stopping.signal,
  };
  const parts: DaemonParts = tournamentConsumer(context);
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    stopping.abort();
    await parts.stop?.();
    await node.drain(5_000);
    await node.close();
  };
  onTestFinished(stop);
  await node.start();
  await parts.start?.();
  return { node, parts, stop };
}

export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 40_000,
): Promise<void> {
  const giveUpAt = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error(`not in ${deadlineMs} ms: ${what}`);
    await sleep(10);
  }
}
