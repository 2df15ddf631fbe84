/** A handler that does what handlers do: one change of state and one emission, in one transaction with its cursor. */
import { type Row } from "../report/row.ts";
import { median } from "../statistics.ts";
import type { Run } from "./bench.ts";
import { meshPair } from "./mesh-pair.ts";

const SIZES = { full: { signals: 30_000, rounds: 3 }, quick: { signals: 10_000, rounds: 3 } };

export async function tx({ scratch, quick, progress }: Run): Promise<Row[]> {
  const { signals, rounds } = quick ? SIZES.quick : SIZES.full;
  const { emitter, consumer } = await meshPair(await scratch.home(), "transact");
  const rates: number[] = [];
  const cpu: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const first = 1 + round * signals;
    const before = await consumer.ask<number>("usage");
    const done = consumer.ask<{ atNs: number }>("handled", { count: first + signals });
    const { startNs } = await emitter.ask<{ startNs: number }>("emitAll", { first, count: signals });
    const rate = signals / (((await done).atNs - startNs) / 1e9);
    if (round === 0) continue; // For the compiler.
    rates.push(rate);
    cpu.push(((await consumer.ask<number>("usage")) - before) / signals);
    progress(`round ${round}/${rounds}: ${Math.round(rate)} transactions/s`);
  }
  await consumer.end();
  await emitter.end();
  return [
    {
      name: "rate",
      value: median(rates),
      unit: "transactions/s",
      detail: "signal handled: one state put, one emission, cursor; durable",
    },
    { name: "consumer_cpu", value: median(cpu), unit: "µs/transaction", detail: "all threads" },
  ];
}
