/** One look at the mesh, as numbers that can be compared with the look before. Pure. */
import { DAEMON_METRICS, type DaemonMetric } from "@kloros/daemon";
import { MESH_METRICS } from "../metrics/mesh-families.ts";
import type { ReadFamily } from "../metrics/parse-exposition.ts";
import type { Scrape } from "../metrics/scrape.ts";
import type { DaemonStatus } from "../status/merge-status.ts";

/** Cumulated counts by upper bound in seconds, ascending, the last one Infinity. */
export type Buckets = readonly { readonly boundS: number; readonly count: number }[];

export interface DaemonSample {
  readonly name: string;
  readonly state: DaemonStatus["state"];
  readonly uptimeS: number;
  readonly cpuS: number;
  readonly rssBytes: number;
  readonly emitted: number;
  readonly handled: number;
  readonly lag: number;
  /** Unresolved. */
  readonly deadLetters: number;
  readonly latency: Buckets;
}

export interface MeshSample {
  /** Of a clock that only goes forward. */
  readonly atMs: number;
  readonly daemons: readonly DaemonSample[];
}

export function meshSample(scrape: Scrape, statuses: readonly DaemonStatus[], atMs: number): MeshSample {
  const letters = scrape.families.get(MESH_METRICS.deadLetters.name);
  const daemons = statuses.map((status) => {
    const families =
      scrape.daemons.find(({ name }) => name === status.name)?.families ?? new Map<string, ReadFamily>();
    const sum = (metric: DaemonMetric): number => sumOf(families.get(DAEMON_METRICS[metric].name));
    return {
      name: status.name,
      state: status.state,
      uptimeS: status.uptime_s,
      cpuS: sum("cpu"),
      rssBytes: status.rss_bytes,
      emitted: sum("emitted"),
      handled: sum("handled"),
      lag: status.lag,
      deadLetters: letters?.samples.find(({ labels }) => labels["daemon"] === status.name)?.value ?? 0,
      latency: bucketsOf(families.get(DAEMON_METRICS.latency.name)),
    };
  });
  return { atMs, daemons };
}

function sumOf(family: ReadFamily | undefined): number {
  return (family?.samples ?? []).reduce((sum, { value }) => sum + value, 0);
}

/** Of all signals together. */
function bucketsOf(family: ReadFamily | undefined): Buckets {
  const counts = new Map<number, number>();
  for (const { suffix, labels, value } of family?.samples ?? []) {
    const le = labels["le"];
    if (suffix !== "_bucket" || le === undefined) continue;
    const boundS = le === "+Inf" ? Infinity : Number(le);
    counts.set(boundS, (counts.get(boundS) ?? 0) + value);
  }
  return [...counts].map(([boundS, count]) => ({ boundS, count })).sort((a, b) => a.boundS - b.boundS);
}
