/**
 * One durable emit at a time, from the call of `emit()` to the entry of the handler in the other process, beside what
 * the same disk takes, at the same time, to append and sync as many bytes.
 */
import { wireForm } from "../bench-signal.ts";
import { atMost, type Row } from "../report/row.ts";
import { quantile } from "../statistics.ts";
import type { Run } from "./bench.ts";
import { meshPair } from "./mesh-pair.ts";

interface Moments {
  readonly startNs: number;
  readonly enteredNs: number;
  readonly committedNs: number;
}

const EMITS = { full: 1_000, quick: 200 };
/** For the compiler; not counted. */
const WARM_UP = 200;

export async function latency({ scratch, quick, progress }: Run): Promise<Row[]> {
  const count = quick ? EMITS.quick : EMITS.full;
  const bytes = JSON.stringify(wireForm(1)).length;
  const { emitter, consumer } = await meshPair(await scratch.home(), "note");
  await emitter.ask("emitPaced", { first: 1, count: WARM_UP, bytes });
  await consumer.ask("handled", { count: 1 + WARM_UP });
  await consumer.ask("seen");
  progress(`${count} emits, one at a time`);
  const told = await emitter.ask<{ syncMs: number[]; receiptMs: number[] }>("emitPaced", {
    first: 1 + WARM_UP,
    count,
    bytes,
  });
  await consumer.ask("handled", { count: 1 + WARM_UP + count });
  const seen = await consumer.ask<Moments[]>("seen");
  await consumer.end();
  await emitter.end();

  const entered = seen.map(({ startNs, enteredNs }) => (enteredNs - startNs) / 1e6);
  const committed = seen.map(({ startNs, committedNs }) => (committedNs - startNs) / 1e6);
  const diskP50 = quantile(told.syncMs, 0.5);
  const ms = (name: string, samples: readonly number[], p: number, detail: string): Row => ({
    name,
    value: quantile(samples, p),
    unit: "ms",
    detail,
  });
  return [
    {
      name: "ratio",
      value: quantile(entered, 0.5) / diskP50,
      unit: "x",
      target: atMost(4),
      detail: `emit to handler entered p50 / write+fdatasync p50, ${count} emits in turns with the disk`,
    },
    ms("entered_p50", entered, 0.5, "emit() called to handler entered"),
    ms("entered_p99", entered, 0.99, ""),
    ms("receipt_p50", told.receiptMs, 0.5, "emit() called to durable receipt"),
    ms("committed_p50", committed, 0.5, "emit() called to the consumer's cursor committed"),
    ms("disk_p50", told.syncMs, 0.5, `write+fdatasync of ${bytes} bytes`),
    ms("disk_p99", told.syncMs, 0.99, ""),
  ];
}
