/**
 * What a candidate costs besides its evaluator: a whole cycle with an evaluator that does nothing, one candidate at a time, against
 * the bare program, started in turns by the bench. Meanwhile the dream consumer is asked how it stands.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { askDaemon } from "@kloros/client";
import { type Heard, SignalWatch } from "../processes/signal-watch.ts";
import { atMost, type Row } from "../report/row.ts";
import { median, quantile } from "../statistics.ts";
import type { Run } from "./bench.ts";
import { dreamHome, dropPromotion, EVALUATOR, startDreamers } from "./dream-home.ts";

const POPULATION = 12;
const GENERATIONS = { full: 20, quick: 5 };
/** Starts of the bare program, before the cycle and after it. */
const BARE_RUNS = 50;
/** Between two questions, in milliseconds. */
const ASK_EVERY_MS = 5;
const QUESTIONS = ["dream:status", "system:health"] as const;
const TARGET = { overheadMs: 40, answerMs: 100 };

export async function candidateOverhead({ scratch, quick, progress }: Run): Promise<Row[]> {
  const generations = quick ? GENERATIONS.quick : GENERATIONS.full;
  const home = await dreamHome(scratch, { population: POPULATION, generations });
  const daemons = await startDreamers(home);
  const watch = new SignalWatch(home);
  const bareMs = await bareRuns();
  progress(`a cycle of ${generations} generations of ${POPULATION} candidates`);
  dropPromotion(home, 0);
  const first = await watch.first(["Q_TOURNAMENT_REQUESTED"], () => true);
  const cycle = { isOver: false };
  const answers = askMeanwhile(join(home, "run", "dream_consumer_daemon.sock"), cycle);
  const end = await watch.first(["Q_DREAM_COMPLETE", "Q_DREAM_FAILED"], () => true);
  cycle.isOver = true;
  const answerMs = await answers;
  if (end.signal.signal === "Q_DREAM_FAILED")
    throw new Error(`the cycle failed: ${JSON.stringify(end.signal.facts)}`);
  bareMs.push(...(await bareRuns()));
  const last = lastGeneration(watch.story(first.signal.correlation_id));
  await watch.close();
  await daemons.stop();

  const candidates = POPULATION * generations;
  const eachMs = (last.atNs - first.atNs) / 1e6 / candidates;
  return [
    {
      name: "overhead",
      value: eachMs - median(bareMs),
      unit: "ms",
      target: atMost(TARGET.overheadMs),
      detail: `per candidate, generations' ends included, beyond the bare evaluator; ${candidates} candidates`,
    },
    {
      name: "candidate",
      value: eachMs,
      unit: "ms",
      detail: "first generation asked for to the last one told of, by candidates",
    },
    {
      name: "bare_evaluator",
      value: median(bareMs),
      unit: "ms",
      detail: `${EVALUATOR[0]} started to ended, median`,
    },
    {
      name: "answer_max",
      value: Math.max(...answerMs),
      unit: "ms",
      target: atMost(TARGET.answerMs),
      detail: `longest of ${answerMs.length} answers of the dream consumer during the cycle`,
    },
    { name: "answer_p50", value: quantile(answerMs, 0.5), unit: "ms" },
  ];
}

/** The end of the last generation; the final comparison is not counted. */
function lastGeneration(story: readonly Heard[]): Heard {
  const ends = story.filter(
    ({ signal: { signal, facts } }) =>
      signal === "Q_TOURNAMENT_COMPLETE" && !String(facts["tournament_id"]).endsWith(".confirm"),
  );
  return ends.at(-1)!;
}

async function bareRuns(): Promise<number[]> {
  const took: number[] = [];
  for (let run = 0; run < BARE_RUNS; run++) {
    const begun = performance.now();
    const child = spawn(EVALUATOR[0], EVALUATOR.slice(1), { stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.resume();
    await once(child, "close");
    took.push(performance.now() - begun);
  }
  return took;
}

async function askMeanwhile(socket: string, cycle: { readonly isOver: boolean }): Promise<number[]> {
  const took: number[] = [];
  while (!cycle.isOver) {
    for (const question of QUESTIONS) {
      const begun = performance.now();
      await askDaemon(socket, question);
      took.push(performance.now() - begun);
      await sleep(ASK_EVERY_MS);
    }
  }
  return took;
}
