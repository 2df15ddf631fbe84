/** What happened between two looks. Pure. */
import type { Buckets, DaemonSample, MeshSample } from "./sample.ts";

/** One line of `chem-bus top`, and of its `--json`; what cannot be told is null. */
export interface TopRow {
  readonly name: string;
  readonly state: DaemonSample["state"];
  readonly uptime_s: number;
  /** 100: one processor busy. */
  readonly cpu_percent: number | null;
  readonly rss_bytes: number;
  readonly emitted_per_s: number | null;
  readonly handled_per_s: number | null;
  readonly lag: number;
  /** From emission to handled, of what was handled in between, in milliseconds. */
  readonly latency_p50_ms: number | null;
  readonly latency_p99_ms: number | null;
  /** Unresolved. */
  readonly dead_letters: number;
}

export function topRows(before: MeshSample, now: MeshSample): TopRow[] {
  const seconds = (now.atMs - before.atMs) / 1_000;
  return now.daemons.map((daemon) => {
    const earlier = before.daemons.find(({ name }) => name === daemon.name);
    // A counter that fell began anew with its process: nothing is known of the time in between.
    const rate = (of: "cpuS" | "emitted" | "handled"): number | null =>
      earlier === undefined || seconds <= 0 || daemon[of] < earlier[of] || daemon.cpuS === 0
        ? null
        : (daemon[of] - earlier[of]) / seconds;
    const cpu = rate("cpuS");
    const between = differenceOf(earlier?.latency ?? [], daemon.latency);
    return {
      name: daemon.name,
      state: daemon.state,
      uptime_s: daemon.uptimeS,
      cpu_percent: cpu === null ? null : rounded(cpu * 100),
      rss_bytes: daemon.rssBytes,
      emitted_per_s: roundedOr(rate("emitted")),
      handled_per_s: roundedOr(rate("handled")),
      lag: daemon.lag,
      latency_p50_ms: quantileMs(between, 0.5),
      latency_p99_ms: quantileMs(between, 0.99),
      dead_letters: daemon.deadLetters,
    };
  });
}

/** What columns can be sorted by, the largest first; names from a to z. */
export const SORT_KEYS = {
  name: { key: "n", of: (row: TopRow) => row.name },
  cpu: { key: "c", of: (row: TopRow) => row.cpu_percent ?? -1 },
  memory: { key: "m", of: (row: TopRow) => row.rss_bytes },
  emitted: { key: "e", of: (row: TopRow) => row.emitted_per_s ?? -1 },
  handled: { key: "h", of: (row: TopRow) => row.handled_per_s ?? -1 },
  lag: { key: "l", of: (row: TopRow) => row.lag },
  latency: { key: "p", of: (row: TopRow) => row.latency_p99_ms ?? -1 },
  dead: { key: "d", of: (row: TopRow) => row.dead_letters },
} as const;
export type SortKey = keyof typeof SORT_KEYS;

export function sortedRows(rows: readonly TopRow[], by: SortKey): TopRow[] {
  const { of } = SORT_KEYS[by];
  return [...rows].sort((a, b) => {
    const [left, right] = [of(a), of(b)];
    if (typeof left === "number" && typeof right === "number" && left !== right) return right - left;
    if (typeof left === "string" && left !== right) return left < String(right) ? -1 : 1;
    return a.name < b.name ? -1 : 1;
  });
}

function differenceOf(earlier: Buckets, now: Buckets): Buckets {
  const counted = new Map(earlier.map(({ boundS, count }) => [boundS, count]));
  const between = now.map(({ boundS, count }) => ({ boundS, count: count - (counted.get(boundS) ?? 0) }));
  return between.some(({ count }) => count < 0) ? now : between;
}

/** Within a bucket times are taken to be spread evenly, as Prometheus' histogram_quantile does. */
export function quantileMs(buckets: Buckets, quantile: number): number | null {
  const total = buckets.at(-1)?.count ?? 0;
  if (total === 0) return null;
  const rank = quantile * total;
  let [lowS, lowCount] = [0, 0];
  for (const { boundS, count } of buckets) {
    if (count >= rank) {
      if (boundS === Infinity) return rounded(lowS * 1_000);
      const share = count === lowCount ? 1 : (rank - lowCount) / (count - lowCount);
      return rounded((lowS + (boundS - lowS) * share) * 1_000);
    }
    [lowS, lowCount] = [boundS, count];
  }
  return null;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function roundedOr(value: number | null): number | null {
  return value === null ? null : rounded(value);
}
