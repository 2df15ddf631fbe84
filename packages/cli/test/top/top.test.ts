/** `chem-bus top`: what happened between two looks, and a terminal that is left as it was. */
import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { MeshScraper } from "../../src/metrics/scrape.ts";
import { paintFor } from "../../src/program/paint.ts";
import type { DaemonStatus } from "../../src/status/merge-status.ts";
import { drawHead, drawTop } from "../../src/top/draw-top.ts";
import { quantileMs, sortedRows, topRows } from "../../src/top/rates.ts";
import { type DaemonSample, type MeshSample, meshSample } from "../../src/top/sample.ts";
import { openScreen } from "../../src/top/screen.ts";
import { fakeDaemon, fakeSupervisor } from "../fake-daemon.ts";
import { temporaryFolder } from "../run-cli.ts";

const PLAIN = paintFor({ isTTY: false });

function sample(atMs: number, more: Partial<DaemonSample> = {}): MeshSample {
  const daemon: DaemonSample = {
    name: "a",
    state: "ready",
    uptimeS: 60,
    cpuS: 1,
    rssBytes: 64 * 1_048_576,
    emitted: 100,
    handled: 200,
    lag: 0,
    deadLetters: 0,
    latency: [],
  };
  return { atMs, daemons: [{ ...daemon, ...more }] };
}

describe("between two looks", () => {
  test("rates are of the time in between", () => {
    const [row] = topRows(sample(0), sample(2_000, { cpuS: 1.5, emitted: 110, handled: 240, lag: 4 }));
    expect(row).toMatchObject({ cpu_percent: 25, emitted_per_s: 5, handled_per_s: 20, lag: 4 });
  });

  test("a daemon that was started anew, or came in between, has no rates yet", () => {
    const [restarted] = topRows(sample(0), sample(2_000, { cpuS: 0.2, emitted: 0, handled: 0 }));
    expect(restarted).toMatchObject({ cpu_percent: null, emitted_per_s: null, handled_per_s: null });
    const [fresh] = topRows({ atMs: 0, daemons: [] }, sample(2_000));
    expect(fresh).toMatchObject({ cpu_percent: null, emitted_per_s: null });
  });

  test("latencies are those of what was handled in between, not of the daemon's whole life", () => {
    const buckets = (...counts: number[]) =>
      [0.001, 0.01, Infinity].map((boundS, at) => ({ boundS, count: counts[at]! }));
    const before = sample(0, { latency: buckets(1_000, 1_000, 1_000) });
    const [row] = topRows(before, sample(1_000, { latency: buckets(1_000, 1_010, 1_010) }));
    expect(row?.latency_p50_ms).toBe(5.5);
    expect(row?.latency_p99_ms).toBeGreaterThan(9);
    expect(topRows(before, before)[0]).toMatchObject({ latency_p50_ms: null, latency_p99_ms: null });
    expect(quantileMs(buckets(0, 0, 3), 0.99)).toBe(10);
  });

  test("sorting puts the largest first, what is unknown last, equals by name", () => {
    const rows = ["b", "a", "c"].map((name, at) => ({
      ...topRows(sample(0), sample(1_000))[0]!,
      name,
      lag: at % 2,
    }));
    const names = (by: "lag" | "name") => sortedRows(rows, by).map(({ name }) => name);
    expect(names("lag")).toEqual(["a", "b", "c"]);
    expect(names("name")).toEqual(["a", "b", "c"]);
    const unknown = { ...rows[0]!, name: "z", cpu_percent: null };
    expect(sortedRows([unknown, rows[1]!], "cpu").map(({ name }) => name)).toEqual(["a", "z"]);
  });
});

test("a look joins what daemons tell with what the home and the supervisor know", async () => {
  const { path: home, remove } = temporaryFolder();
  onTestFinished(remove);
  const text = [
    "# TYPE kloros_process_cpu_seconds_total counter",
    'kloros_process_cpu_seconds_total{daemon="a"} 1.5',
    "# TYPE kloros_signals_handled_total counter",
    'kloros_signals_handled_total{daemon="a",signal="Q_A_B"} 3',
    'kloros_signals_handled_total{daemon="a",signal="Q_C_D"} 4',
    "# TYPE kloros_signal_latency_seconds histogram",
    ...["Q_A_B", "Q_C_D"].flatMap((signal) => [
      `kloros_signal_latency_seconds_bucket{daemon="a",signal="${signal}",le="0.01"} 1`,
      `kloros_signal_latency_seconds_bucket{daemon="a",signal="${signal}",le="+Inf"} 2`,
      `kloros_signal_latency_seconds_count{daemon="a",signal="${signal}"} 2`,
    ]),
  ];
  await fakeSupervisor(home, { a: {}, b: { state: "failed" } });
  await fakeDaemon(home, "a", { "system:metrics": { text: text.join("\n") } });
  const status: DaemonStatus = {
    name: "a",
    state: "ready",
    pid: 1,
    restarts: 0,
    uptime_s: 9,
    rss_bytes: 1,
    lag: 2,
    detail: "",
  };
  const scrape = await new MeshScraper(home, 2_000).scrape();
  const { daemons } = meshSample(
    scrape,
    [status, { ...status, name: "b", state: "failed", rss_bytes: 0 }],
    0,
  );
  expect(daemons).toMatchObject([
    {
      name: "a",
      cpuS: 1.5,
      handled: 7,
      lag: 2,
      latency: [
        { boundS: 0.01, count: 2 },
        { boundS: Infinity, count: 4 },
      ],
    },
    { name: "b", cpuS: 0, state: "failed", latency: [] },
  ]);
  const lines = drawTop(topRows({ atMs: 0, daemons: [] }, { atMs: 1, daemons }), PLAIN);
  expect(lines[0]).toMatch(/^daemon +state +up +cpu % +memory/u);
  expect(lines[2]).toMatch(/^b +failed/u);
  expect(drawHead("/h", [], "lag", PLAIN)).toContain("sorted by lag");
});

test("the screen shows what fits, tells keys, and is left as it was found", () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const raw: boolean[] = [];
  Object.assign(input, { isTTY: true, setRawMode: (on: boolean) => void raw.push(on) });
  Object.assign(output, { isTTY: true, rows: 3 });
  const keys: string[] = [];
  let ended = 0;
  const screen = openScreen({ input, output } as never, {
    onKey: (key) => void keys.push(key),
    onEnd: () => (ended += 1),
  });
  screen.show(["one", "two", "three"]);
  input.emit("data", Buffer.from("lq"));
  input.emit("data", Buffer.from("\u0003"));
  screen.close();
  const written = (output.read() as Buffer).toString();
  expect(stripVTControlCharacters(written)).toBe("one\ntwo\n");
  expect(written.endsWith("\u001b[?7h\u001b[?25h\u001b[?1049l")).toBe(true);
  expect({ keys, ended, raw }).toEqual({ keys: ["l"], ended: 2, raw: [true, false] });
});
