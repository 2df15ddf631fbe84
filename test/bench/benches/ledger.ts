/** How fast a consumer that was away takes in what it has missed, from the emitter's ledger. */
import { CONSUMER, SIGNAL } from "../bench-signal.ts";
import { Part } from "../processes/part.ts";
import type { Row } from "../report/row.ts";
import { median } from "../statistics.ts";
import type { Run } from "./bench.ts";

const SIZES = { full: { signals: 100_000, rounds: 3 }, quick: { signals: 20_000, rounds: 3 } };

export async function ledger({ scratch, quick, progress }: Run): Promise<Row[]> {
  const { signals, rounds } = quick ? SIZES.quick : SIZES.full;
  const home = await scratch.home();
  const emitter = new Part("emitter", { home, signal: SIGNAL });
  const rates: number[] = [];
  const cpu: number[] = [];
  while (rates.length < rounds) {
    await emitter.ask("emitAll", { first: rates.length * signals, count: signals });
    const consumer = new Part("consumer", { home, daemon: CONSUMER, signal: SIGNAL, handler: "count" });
    const { sinceOpenMs } = await consumer.ask<{ sinceOpenMs: number }>("handled", { count: signals });
    rates.push(signals / (sinceOpenMs / 1000));
    cpu.push((await consumer.ask<number>("usage")) / signals);
    progress(`round ${rates.length}/${rounds}: ${Math.round(signals / (sinceOpenMs / 1000))} signals/s`);
    await consumer.end();
  }
  await emitter.end();
  const detail = `${signals} signals behind, node opened to all handled and committed; median of ${rounds}`;
  return [
    { name: "rate", value: median(rates), unit: "signals/s", detail },
    {
      name: "consumer_cpu",
      value: median(cpu),
      unit: "µs/signal",
      detail: "the start of the process included",
    },
  ];
}
