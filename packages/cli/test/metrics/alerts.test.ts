/** The example alerts: made of metrics that exist, and right by their own unit tests where promtool is installed. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DAEMON_METRICS, type MetricFamily } from "@kloros/daemon";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { MESH_METRICS } from "../../src/metrics/mesh-families.ts";

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

const FOLDER = fileURLToPath(new URL("../../../../docs/alerts/", import.meta.url));
const text = readFileSync(`${FOLDER}kloros.rules.yml`, "utf8");
const { groups } = parse(text) as { groups: readonly { readonly rules: readonly Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const families: readonly MetricFamily[] = [...Object.values(DAEMON_METRICS), ...Object.values(MESH_METRICS)];

/** Names of series as a query may use them. */
const series = new Set(
  families.flatMap(({ name, type }) =>
    type === "histogram" ? ["_bucket", "_sum", "_count"].map((suffix) => name + suffix) : [name],
  ),
);

const PROMTOOL = spawnSync("promtool", ["--version"]).error === undefined;
if (!PROMTOOL)
  process.stderr.write(
    "SKIPPED: promtool is not installed (apt-get install prometheus): alerts are not tried\n",
  );

describe("the example alerts", () => {
  test("use no metric that does not exist, in queries or in what they advise", () => {
    const used = rules.flatMap(
      ({ expr, annotations }) => `${expr} ${annotations.description}`.match(/\bkloros_\w+/gu) ?? [],
    );
    expect(used.length).toBeGreaterThan(20);
    expect(used.filter((name) => !series.has(name))).toEqual([]);
  });

  test("say how bad it is, what it is, and what to do", () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, labels, annotations } of rules) {
      expect(alert).toMatch(/^Kloros[A-Z]\w+$/u);
      expect(["warning", "critical"]).toContain(labels.severity);
      expect(annotations.summary.length).toBeGreaterThan(10);
      expect(annotations.description.length).toBeGreaterThan(20);
    }
  });

  test.skipIf(!PROMTOOL)("are valid, and fire when they should and not before", () => {
    const run = (...args: string[]) => spawnSync("promtool", args, { cwd: FOLDER, encoding: "utf8" });
    const checked = run("check", "rules", "kloros.rules.yml");
    expect(checked.status, checked.stderr).toBe(0);
    const tested = run("test", "rules", "kloros.rules.test.yml");
    expect(tested.status, tested.stdout + tested.stderr).toBe(0);
  });
});

test("no two metrics have one name, and each is in docs/metrics.md", () => {
  expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
  const page = readFileSync(`${FOLDER}../metrics.md`, "utf8");
  expect(families.filter(({ name }) => !page.includes(`| \`${name}\` |`)).map(({ name }) => name)).toEqual(
    [],
  );
});
