/** From the rename of an intent file into `intents/` to the end of its signal's handling, with a real intent router and nothing else to do. */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CONSUMER, SIGNAL } from "../bench-signal.ts";
import { RunningDaemon } from "../processes/daemon.ts";
import { Part } from "../processes/part.ts";
import { nowNs } from "../processes/protocol.ts";
import { atMost, type Row } from "../report/row.ts";
import { quantile } from "../statistics.ts";
import type { Run } from "./bench.ts";
import { intentText } from "./intents.ts";

interface Moments {
  readonly question_id: string;
  readonly enteredNs: number;
  readonly committedNs: number;
}

const FILES = { full: 600, quick: 300 };
const WARM_UP = 50;
/** The mesh is idle again after each file; the pause varies, in milliseconds. */
const PAUSE_MS = { min: 10, max: 40 };

export async function intentLatency({ scratch, quick, progress }: Run): Promise<Row[]> {
  const count = quick ? FILES.quick : FILES.full;
  const home = await scratch.home();
  const consumer = new Part("consumer", { home, daemon: CONSUMER, signal: SIGNAL, handler: "note" });
  const router = new RunningDaemon("intent_router", home);
  await router.readyMs;
  await drop(home, 0, WARM_UP);
  await consumer.ask("handled", { count: WARM_UP });
  await consumer.ask("seen");
  progress(`${count} files, one at a time`);
  const renamed = await drop(home, WARM_UP, count);
  await consumer.ask("handled", { count: WARM_UP + count });
  const seen = await consumer.ask<Moments[]>("seen");
  await router.stop();
  await consumer.end();

  const since = (moment: "enteredNs" | "committedNs") =>
    seen.map((moments) => (moments[moment] - (renamed.get(moments.question_id) ?? NaN)) / 1e6);
  const row = (name: string, samples: readonly number[], p: number): Row => ({
    name,
    value: quantile(samples, p),
    unit: "ms",
  });
  const detail = `file renamed into place to its signal handled and committed, ${seen.length} files`;
  return [
    { ...row("handled_p99", since("committedNs"), 0.99), target: atMost(25), detail },
    row("handled_p50", since("committedNs"), 0.5),
    row("entered_p50", since("enteredNs"), 0.5),
    row("entered_p99", since("enteredNs"), 0.99),
  ];
}

/** Drops the files one after the other; the moment of each rename by question id. */
async function drop(home: string, first: number, count: number): Promise<Map<string, number>> {
  const renamed = new Map<string, number>();
  for (let index = first; index < first + count; index++) {
    const { question_id, text } = intentText(index);
    const hidden = join(home, `intent-${index}.tmp`);
    writeFileSync(hidden, text);
    const startNs = nowNs();
    renameSync(hidden, join(home, "intents", `intent-${index}.json`));
    renamed.set(question_id, startNs);
    await sleep(PAUSE_MS.min + Math.random() * (PAUSE_MS.max - PAUSE_MS.min));
  }
  return renamed;
}
