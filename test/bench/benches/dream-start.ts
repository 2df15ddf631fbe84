/**
 * How fast a promotion becomes a cycle: monitor, policy engine, dream consumer and tournament consumer as real processes, and
 * nothing else to do. All moments are those in which one listener hears the signals.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { SignalName } from "@kloros/bus";
import { SignalWatch } from "../processes/signal-watch.ts";
import { atMost, type Row } from "../report/row.ts";
import { quantile } from "../statistics.ts";
import type { Run } from "./bench.ts";
import { dreamHome, dropPromotion, startDreamers } from "./dream-home.ts";

interface Round {
  /** The promotion renamed into its folder to the advisory. */
  readonly noticed: number;
  /** Advisory to the trigger, and to the request for the first generation's evaluation. */
  readonly triggered: number;
  readonly started: number;
}

/** The shipped rule emits 60 triggers an hour. */
const ROUNDS = { full: 40, quick: 20 };
const WARM_UP = 3;
/** The mesh is idle again after each cycle; the pause varies, in milliseconds. */
const PAUSE_MS = { min: 200, max: 400 };
const TARGET_MS = 50;

export async function dreamStart({ scratch, quick, progress }: Run): Promise<Row[]> {
  const rounds = quick ? ROUNDS.quick : ROUNDS.full;
  const home = await dreamHome(scratch, { population: 2, generations: 1 });
  const daemons = await startDreamers(home);
  const watch = new SignalWatch(home);
  const measured: Round[] = [];
  progress(`${rounds} promotions, one at a time`);
  for (let round = 0; round < WARM_UP + rounds; round++) {
    await sleep(PAUSE_MS.min + Math.random() * (PAUSE_MS.max - PAUSE_MS.min));
    const result = await oneCycle(watch, home, round);
    if (round >= WARM_UP) measured.push(result);
  }
  await watch.close();
  await daemons.stop();

  const row = (name: string, part: keyof Round, p: number): Row => ({
    name,
    value: quantile(
      measured.map((round) => round[part]),
      p,
    ),
    unit: "ms",
  });
  const detail = `advisory to the first generation asked for, ${rounds} promotions`;
  return [
    { ...row("started_p50", "started", 0.5), target: atMost(TARGET_MS), detail },
    { ...row("started_p99", "started", 0.99), target: atMost(TARGET_MS), detail },
    row("triggered_p50", "triggered", 0.5),
    row("triggered_p99", "triggered", 0.99),
    { ...row("noticed_p50", "noticed", 0.5), detail: "promotion renamed into its folder to the advisory" },
    row("noticed_p99", "noticed", 0.99),
  ];
}

async function oneCycle(watch: SignalWatch, home: string, index: number): Promise<Round> {
  const droppedNs = dropPromotion(home, index);
  const names = (facts: object) => JSON.stringify(facts).includes(`"promotion-${index}.json"`);
  const advisory = await watch.first(["Q_PROMOTIONS_DETECTED"], ({ facts }) => names(facts));
  const { correlation_id } = advisory.signal;
  const inStory = (...signals: SignalName[]) =>
    watch.first(signals, (signal) => signal.correlation_id === correlation_id);
  const trigger = await inStory("Q_DREAM_TRIGGER");
  const request = await inStory("Q_TOURNAMENT_REQUESTED");
  await inStory("Q_DREAM_COMPLETE", "Q_DREAM_FAILED");
  return {
    noticed: (advisory.atNs - droppedNs) / 1e6,
    triggered: (trigger.atNs - advisory.atNs) / 1e6,
    started: (request.atNs - advisory.atNs) / 1e6,
  };
}
