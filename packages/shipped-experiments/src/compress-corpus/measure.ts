/** Compresses once and says how well. */
import type { Measured } from "../run-experiment.ts";
import type { Codec } from "./codec.ts";
import type { Corpus } from "./corpus.ts";

const MEGABYTE = 1e6;

/**
 * Fitness is the compression ratio. Above the budget of CPU time per megabyte it is divided by how many times the budget was
 * needed, so that a setting at twice the budget would have to compress twice as well, which none does.
 */
export function measure(codec: Codec, corpus: Corpus, secondsPerMb: number): Measured & { packed: Buffer } {
  const before = process.cpuUsage(); // Not the clock: a busy machine is not the candidate's fault.
  const packed = codec.compress(corpus.data);
  const { user, system } = process.cpuUsage(before);
  const cpuPerMb = (user + system) / 1e6 / (corpus.data.length / MEGABYTE);
  const ratio = corpus.data.length / packed.length;
  const metrics = {
    ratio: rounded(ratio),
    cpu_seconds_per_mb: rounded(cpuPerMb),
    over_budget: cpuPerMb > secondsPerMb,
    bytes: corpus.data.length,
    packed_bytes: packed.length,
    files: corpus.files,
    corpus: corpus.fingerprint,
  };
  return { fitness: ratio / Math.max(1, cpuPerMb / secondsPerMb), metrics, packed };
}

function rounded(value: number): number {
  return Number(value.toPrecision(5));
}
