/** One daemon's metrics: what the hooks count, and that a scraper can read all of it. */
import { spawnSync } from "node:child_process";
import { loadContracts } from "@kloros/bus";
import { expect, onTestFinished, test } from "vitest";
import { DAEMON_METRICS } from "../../src/metrics/daemon-families.ts";
import { type DaemonMetrics, startMetrics } from "../../src/metrics/daemon-metrics.ts";
import { renderFamily } from "../../src/metrics/family.ts";
import { joinedHooks } from "../../src/metrics/joined-hooks.ts";
import { readExposition, type Series } from "./exposition.ts";

const DAEMON = "investigation_consumer_daemon";
const CONSUMED = "Q_CURIOSITY_INVESTIGATE";
const EMITTED = "Q_INVESTIGATION_COMPLETE";
const handled = { id: "i", source: "intent_router", correlation_id: "c", attempt: 1 };
const letter = { id: null, correlation_id: null, error: "e", code: null, fingerprint: "f", attempts: 1 };

function started(): DaemonMetrics {
  const metrics = startMetrics({
    daemon: DAEMON,
    node: () => null,
    ready: () => true,
    stuck: () => false,
    starts: () => ({ count_24h: 3, unclean_24h: 1 }),
    control: () => ({ connections: 1, requests: 2, errors: 0 }),
  });
  metrics.know(loadContracts());
  onTestFinished(() => metrics.stop());
  return metrics;
}

function seriesOf(text: string, name: string, labels: Record<string, string> = {}): Series[] {
  const families = [...readExposition(text).values()];
  const all = families.flatMap(({ series }) => series);
  return all.filter(
    (one) => one.name === name && Object.entries(labels).every(([k, v]) => one.labels[k] === v),
  );
}

test("every signal that a daemon may emit or handle counts from 0, so that the first one shows in a rate", () => {
  const text = started().text();
  for (const name of ["received", "handled", "retried", "dead_lettered"])
    expect(seriesOf(text, `kloros_signals_${name}_total`, { signal: CONSUMED })).toMatchObject([
      { value: 0 },
    ]);
  expect(seriesOf(text, "kloros_signals_emitted_total", { signal: EMITTED })).toMatchObject([{ value: 0 }]);
  expect(seriesOf(text, "kloros_signals_emitted_total", { signal: CONSUMED })).toEqual([]);
  expect(seriesOf(text, "kloros_build_info")).toMatchObject([{ value: 1, labels: { daemon: DAEMON } }]);
  expect(seriesOf(text, "kloros_unclean_starts_last_day")).toMatchObject([{ value: 1 }]);
  expect(seriesOf(text, "kloros_process_resident_memory_bytes")[0]?.value).toBeGreaterThan(1e6);
  expect(seriesOf(text, "kloros_process_start_time_seconds")[0]?.value).toBeCloseTo(
    performance.timeOrigin / 1e3,
    0,
  );
});

test("attempts, fates and times are counted by signal, in buckets that add up", () => {
  const { hooks, text } = started();
  const done = { ...handled, signal: CONSUMED };
  hooks.onReceived({ signal: CONSUMED } as never);
  hooks.onHandled({ ...done, outcome: "retried", handlerMs: 40, sinceEmittedMs: 50 });
  hooks.onHandled({ ...done, outcome: "handled", handlerMs: 1, sinceEmittedMs: 800, attempt: 2 });
  hooks.onHandled({ ...done, outcome: "dead_lettered", handlerMs: 4_000_000, sinceEmittedMs: 4_000_000 });
  hooks.onDeadLettered({ ...letter, signal: CONSUMED });
  hooks.onEmitted({ signal: EMITTED } as never);
  hooks.onCommitted({ signals: 2, bytes: 900, ms: 3 });
  const read = text();
  const value = (name: string, labels: Record<string, string> = {}) => seriesOf(read, name, labels)[0]?.value;
  expect(value("kloros_signals_received_total", { signal: CONSUMED })).toBe(1);
  expect(value("kloros_signals_handled_total", { signal: CONSUMED })).toBe(1);
  expect(value("kloros_signals_retried_total", { signal: CONSUMED })).toBe(1);
  expect(value("kloros_signals_dead_lettered_total", { signal: CONSUMED })).toBe(1);
  expect(value("kloros_signals_emitted_total", { signal: EMITTED })).toBe(1);
  expect(value("kloros_handler_duration_seconds_count", { signal: CONSUMED })).toBe(3);
  expect(value("kloros_handler_duration_seconds_sum", { signal: CONSUMED })).toBeCloseTo(4_000.041);
  expect(value("kloros_handler_duration_seconds_bucket", { signal: CONSUMED, le: "0.001" })).toBe(1);
  expect(value("kloros_handler_duration_seconds_bucket", { signal: CONSUMED, le: "1800" })).toBe(2);
  expect(value("kloros_signal_latency_seconds_count", { signal: CONSUMED })).toBe(1);
  expect(value("kloros_signal_latency_seconds_bucket", { signal: CONSUMED, le: "0.5" })).toBe(0);
  expect(value("kloros_signal_latency_seconds_bucket", { signal: CONSUMED, le: "1" })).toBe(1);
  expect(value("kloros_journal_committed_bytes_total")).toBe(900);
  expect(value("kloros_journal_commit_duration_seconds_count")).toBe(1);
});

test("what a file calls a signal makes no series of its own", () => {
  const { hooks, text } = started();
  for (let n = 0; n < 1_000; n++) hooks.onDeadLettered({ ...letter, signal: `Q_MADE_UP_${String(n)}` });
  hooks.onDeadLettered({ ...letter, signal: null });
  const lines = seriesOf(text(), "kloros_signals_dead_lettered_total");
  expect(lines.map(({ labels, value }) => [labels["signal"], value])).toEqual([
    [CONSUMED, 0],
    ["Q_REINVESTIGATION_REQUESTED", 0],
    ["other", 1_001],
  ]);
});

test("a blocked event loop shows in the delays of the last minute", async () => {
  const { text, eventLoopDelay, started: forgetStart } = started();
  await new Promise((resolve) => setTimeout(resolve, 120));
  const until = performance.now() + 300;
  while (performance.now() < until);
  const deadline = performance.now() + 5_000;
  while (eventLoopDelay().max < 200 && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(eventLoopDelay().max).toBeGreaterThanOrEqual(200);
  expect(eventLoopDelay().p50).toBeLessThanOrEqual(eventLoopDelay().p99);
  expect(seriesOf(text(), "kloros_event_loop_delay_max_seconds")[0]?.value).toBeGreaterThanOrEqual(0.2);
  forgetStart();
  expect(eventLoopDelay().max).toBeLessThan(200);
});

test("label values and help are escaped as the format wants it", () => {
  const family = { name: "x_total", type: "counter", help: "a \\ and\na line", labels: ["path"] } as const;
  const text = renderFamily(family, [{ labels: { path: 'C:\\"a"\nb' }, value: Infinity }]);
  expect(text).toBe(
    '# HELP x_total a \\\\ and\\na line\n# TYPE x_total counter\nx_total{path="C:\\\\\\"a\\"\\nb"} +Inf\n',
  );
  readExposition(text);
});

test("several listeners hear the same node, and nobody's hook is computed for nobody", () => {
  const heard: string[] = [];
  const hooks = joinedHooks(
    { onEmitted: ({ signal }) => void heard.push(`a ${signal}`) },
    { onEmitted: ({ signal }) => void heard.push(`b ${signal}`), onFatal: () => void heard.push("fatal") },
  );
  hooks.onEmitted?.({ signal: EMITTED } as never);
  expect(heard).toEqual([`a ${EMITTED}`, `b ${EMITTED}`]);
  expect(Object.keys(hooks).sort()).toEqual(["onEmitted", "onFatal"]);
});

test("every metric of the table is named by the conventions, and described by a sentence", () => {
  for (const { name, type, help, labels } of Object.values(DAEMON_METRICS)) {
    expect(name).toMatch(/^kloros_[a-z0-9_]+$/u);
    expect(name.endsWith("_total")).toBe(type === "counter");
    expect(name).not.toMatch(/_(?:ms|milliseconds|kb|mb|count|sum|bucket)$/u);
    expect(help).toMatch(/\.$/u);
    expect(labels).not.toContain("daemon");
  }
});

const PROMTOOL = spawnSync("promtool", ["--version"]).error === undefined;
if (!PROMTOOL)
  process.stderr.write(
    "SKIPPED: promtool is not installed (apt-get install prometheus): only our own reader judges the text\n",
  );
test.skipIf(!PROMTOOL)("promtool accepts the text, and finds nothing to improve", () => {
  const { hooks, text } = started();
  hooks.onHandled({ ...handled, signal: CONSUMED, outcome: "handled", handlerMs: 1, sinceEmittedMs: 2 });
  const check = spawnSync("promtool", ["check", "metrics"], { input: text(), encoding: "utf8" });
  expect(check.stdout + check.stderr).toBe("");
  expect(check.status).toBe(0);
});
