/**
 * What a thousand bad clients of a daemon's control socket cost its signals: from the rename of an intent file to the end of its
 * signal's handling, with a real intent router, in turns calm and under the storm.
 */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { connect } from "@kloros/client";
import { CONSUMER, SIGNAL } from "../bench-signal.ts";
import { peakMemoryMb } from "../machine/proc.ts";
import { ROOT } from "../processes/checkout.ts";
import { RunningDaemon } from "../processes/daemon.ts";
import { Part } from "../processes/part.ts";
import { nowNs } from "../processes/protocol.ts";
import { startStorm, STORM_PROGRAM } from "../processes/storm.ts";
import { atMost, type Row } from "../report/row.ts";
import { median, quantile } from "../statistics.ts";
import type { Run } from "./bench.ts";
import { intentText } from "./intents.ts";

interface Moments {
  readonly question_id: string;
  readonly committedNs: number;
}

/** One round, calm or stormy: latencies of its signals, in milliseconds. */
type Latencies = readonly number[];

const SIZES = { full: { rounds: 8, files: 200 }, quick: { rounds: 2, files: 100 } };
const WARM_UP = 50;
const PAUSE_MS = { min: 5, max: 20 };
const ASK_EVERY_MS = 20;
/** Under the storm a signal waits for the loop at most as long as without it: twice the calm p99 in all. */
const MAX_RATIO = 2;

export async function controlFlood({ scratch, quick, progress }: Run): Promise<Row[]> {
  const { rounds, files } = quick ? SIZES.quick : SIZES.full;
  const home = await scratch.home();
  const consumer = new Part("consumer", { home, daemon: CONSUMER, signal: SIGNAL, handler: "note" });
  const router = new RunningDaemon("intent_router", home);
  await router.readyMs;
  const socketPath = join(home, "run/intent_router.sock");
  const dropper = fileDropper(home, consumer);
  await dropper.drop(WARM_UP);
  const calm: Latencies[] = [];
  const stormy: Latencies[] = [];
  const answersMs: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    calm.push(await dropper.drop(files));
    const storm = await startStorm(fileURLToPath(new URL(STORM_PROGRAM, ROOT)), socketPath);
    const asking = askThroughout(socketPath);
    stormy.push(await dropper.drop(files));
    answersMs.push(...(await asking.stop()));
    await storm.end();
    progress(
      `round ${round}/${rounds}: p99 ${p99(calm.at(-1))} ms calm, ${p99(stormy.at(-1))} ms in the storm`,
    );
  }
  const peakMb = peakMemoryMb(router.pid);
  await router.stop();
  await consumer.end();
  return rowsOf(calm, stormy, answersMs, peakMb);
}

function rowsOf(
  calm: readonly Latencies[],
  stormy: readonly Latencies[],
  answersMs: readonly number[],
  peakMb: number,
): Row[] {
  const ratios = stormy.map(
    (latencies, round) => quantile(latencies, 0.99) / quantile(calm[round] ?? [], 0.99),
  );
  const ms = (name: string, samples: readonly number[], p: number): Row => ({
    name,
    value: quantile(samples, p),
    unit: "ms",
  });
  return [
    {
      name: "ratio",
      value: median(ratios),
      unit: "x",
      target: atMost(MAX_RATIO),
      detail: `p99 with 1,000 bad clients / p99 without, ${ratios.length} rounds in turns, their median`,
    },
    ms("calm_p50", calm.flat(), 0.5),
    ms("calm_p99", calm.flat(), 0.99),
    ms("storm_p50", stormy.flat(), 0.5),
    ms("storm_p99", stormy.flat(), 0.99),
    { ...ms("answer_p99", answersMs, 0.99), detail: "system:health to a good client in the storm" },
    { name: "peak_memory", value: peakMb, unit: "MB", detail: "VmHWM of the intent router" },
  ];
}

/** Drops files one after the other, and resolves with what each took until its signal was handled and committed, in milliseconds. */
function fileDropper(home: string, consumer: Part) {
  let dropped = 0;
  return {
    async drop(count: number): Promise<Latencies> {
      const renamed = new Map<string, number>();
      for (const last = dropped + count; dropped < last; dropped++) {
        const { question_id, text } = intentText(dropped);
        const hidden = join(home, `intent-${dropped}.tmp`);
        writeFileSync(hidden, text);
        renamed.set(question_id, nowNs());
        renameSync(hidden, join(home, "intents", `intent-${dropped}.json`));
        await sleep(PAUSE_MS.min + Math.random() * (PAUSE_MS.max - PAUSE_MS.min));
      }
      await consumer.ask("handled", { count: dropped });
      const seen = await consumer.ask<Moments[]>("seen");
      return seen.map(
        ({ question_id, committedNs }) => (committedNs - (renamed.get(question_id) ?? NaN)) / 1e6,
      );
    },
  };
}

/** A good client that asks now and again; resolves with how long its answers took, in milliseconds. */
function askThroughout(socketPath: string) {
  const tookMs: number[] = [];
  let going = true;
  const asking = (async () => {
    await using client = await connect({ socketPath });
    while (going) {
      const begun = performance.now();
      await client.send("system:health", {}, { timeoutMs: 30_000 });
      tookMs.push(performance.now() - begun);
      await sleep(ASK_EVERY_MS);
    }
  })();
  return {
    async stop(): Promise<readonly number[]> {
      going = false;
      await asking;
      return tookMs;
    },
  };
}

function p99(latencies: Latencies = []): string {
  return quantile(latencies, 0.99).toFixed(1);
}
