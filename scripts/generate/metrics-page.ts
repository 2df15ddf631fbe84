/** The tables of all metrics in docs/metrics.md: those that each daemon tells, and those that the endpoint adds. */
import { readFileSync } from "node:fs";
import { DAEMON_METRICS, type MetricFamily } from "@kloros/daemon";
import { ROOT } from "./root.ts";

type Families = Readonly<Record<string, MetricFamily>>;

/** The page with its tables as they should be. */
export async function metricsPage(): Promise<{ readonly file: string; readonly text: string }> {
  const file = `${ROOT}docs/metrics.md`;
  const { MESH_METRICS } = (await import(`${ROOT}packages/cli/src/metrics/mesh-families.ts`)) as {
    MESH_METRICS: Families;
  };
  const daemon = withTable(readFileSync(file, "utf8"), "daemon-metrics", DAEMON_METRICS);
  return { file, text: withTable(daemon, "mesh-metrics", MESH_METRICS) };
}

function withTable(page: string, name: string, families: Families): string {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`docs/metrics.md has no ${start} … ${end}`);
  return `${page.slice(0, from + start.length)}\n\n${table(families)}\n\n${page.slice(to)}`;
}

function table(families: Families): string {
  const rows = Object.values(families).map(({ name, type, labels, help }) => {
    const more = labels.length === 0 ? "" : labels.map((label) => `\`${label}\``).join(", ");
    return `| \`${name}\` | ${type} | ${more} | ${help.replaceAll("|", "\\|")} |`;
  });
  return ["| Metric | Type | Labels | Meaning |", "|---|---|---|---|", ...rows].join("\n");
}
