/**
 * The project's throughput bench in small: one emitter, one consumer, two processes, ipc; durable, validated at both ends,
 * handled, cursor committed. Then some signals one at a time, for the latency.
 */
import type { BusLimits } from "@kloros/bus";
import { ComplaintError, type Measured } from "../run-experiment.ts";
import type { Options } from "./options.ts";
import { Part } from "./part.ts";
import { withTemporaryHome } from "./temporary-home.ts";

/** For the latency. */
const PACED_SIGNALS = 60;

/** Fitness is signals per second, the median of the rounds. @throws {ComplaintError} the guard is broken, or order or count is wrong */
export async function measure(limits: Partial<BusLimits>, options: Options): Promise<Measured> {
  return withTemporaryHome(async (home) => {
    const emitter = new Part("emitter", { home, limits });
    const consumer = new Part("consumer", { home, limits });
    try {
      return await measurePair(emitter, consumer, options);
    } finally {
      await Promise.all([emitter.end(), consumer.end()]);
    }
  });
}

async function measurePair(emitter: Part, consumer: Part, options: Options): Promise<Measured> {
  const { signals, rounds, maxLatencyMs, maxMemoryBytes } = options;
  let sent = 0;
  const round = async (count: number): Promise<number> => {
    const first = sent;
    sent += count;
    const done = consumer.ask<{ atNs: number; outOfOrder: number }>("handled", { count: sent });
    const { startNs } = await emitter.ask<{ startNs: number }>("emitAll", { first, count });
    const { atNs, outOfOrder } = await done;
    if (outOfOrder > 0) throw new ComplaintError(`${outOfOrder} signals came out of order, or not once`);
    return count / ((atNs - startNs) / 1e9);
  };
  await round(1); // They meet.
  await round(signals); // For the compiler: it is not counted.
  const perSecond: number[] = [];
  while (perSecond.length < rounds) perSecond.push(await round(signals));
  await emitter.ask("emitPaced", { first: sent, count: PACED_SIGNALS });
  await consumer.ask("handled", { count: sent + PACED_SIGNALS });
  const latenciesMs = await consumer.ask<number[]>("latencies");
  const latencyMs = quantile(latenciesMs, 0.5); // What a limit costs, it costs every signal; the tail is the machine's.
  const memory = await Promise.all([emitter.ask<number>("peakMemory"), consumer.ask<number>("peakMemory")]);
  const memoryBytes = Math.max(...memory);
  if (latencyMs > maxLatencyMs)
    throw new ComplaintError(
      `guard: half of the signals take ${latencyMs.toFixed(1)} ms or more to their handler; at most ${maxLatencyMs} ms`,
    );
  if (memoryBytes > maxMemoryBytes)
    throw new ComplaintError(
      `guard: a process takes ${Math.round(memoryBytes / 1e6)} MB; at most ${Math.round(maxMemoryBytes / 1e6)} MB`,
    );
  return {
    fitness: quantile(perSecond, 0.5),
    metrics: {
      slowest_round: Math.round(Math.min(...perSecond)),
      fastest_round: Math.round(Math.max(...perSecond)),
      latency_p50_ms: Number(latencyMs.toFixed(2)),
      latency_p95_ms: Number(quantile(latenciesMs, 0.95).toFixed(2)),
      emitter_memory_mb: Math.round((memory[0] ?? 0) / 1e6),
      consumer_memory_mb: Math.round((memory[1] ?? 0) / 1e6),
    },
  };
}

function quantile(samples: readonly number[], p: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? NaN;
}
