/** The bus experiment on real nodes: small measurements, since only their form is tested here. */
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { check, measure } from "./run-program.ts";

const SMALL = ["--signals", "500", "--rounds", "2", "--max-latency-ms", "2000"];

test("a candidate is measured in signals per second, and leaves nothing behind", async () => {
  const result = await measure(["tune-bus/evaluate.js", ...SMALL], {
    max_commit_signals: 64,
    max_frame_signals: 16,
    max_inbox_signals: 512,
    max_fetch_signals: 256,
  });
  expect(result).toMatchObject({
    kind: "ok",
    metrics: { latency_p50_ms: expect.any(Number), emitter_memory_mb: expect.any(Number) },
  });
  expect(result.kind === "ok" && result.fitness).toBeGreaterThan(0);
  const left = readdirSync(tmpdir()).flatMap((name) => /^kloros-tune-(\d+)-/u.exec(name)?.[1] ?? []);
  expect(left.filter((pid) => !isAlive(Number(pid)))).toEqual([]);
});

test.each([
  [{ max_commit_signals: 1 }, "max_commit_signals must be a whole number from 64 to 8192 (got 1)"],
  [{ disk_reserve_bytes: 100_000_000 }, "disk_reserve_bytes is no limit that can be tuned"],
])("%j is a failed candidate", async (params, words) => {
  const result = await measure(["tune-bus/evaluate.js", ...SMALL], params);
  expect(result).toMatchObject({
    kind: "failed",
    type: "NonZeroExit",
    stderr_tail: expect.stringContaining(words),
  });
});

test("a candidate beyond the guard's limits fails instead of getting a number", async () => {
  const tooSlow = [...SMALL.slice(0, 4), "--max-latency-ms", "1"];
  const small = [...SMALL, "--max-memory-mb", "10"];
  const results = [
    await measure(["tune-bus/evaluate.js", ...small], {}),
    await measure(["tune-bus/evaluate.js", ...tooSlow], {}),
  ];
  expect(results[0]).toMatchObject({
    kind: "failed",
    stderr_tail: expect.stringMatching(/guard: a process takes \d+ MB/u),
  });
  // On a machine with a very fast disk a signal may take less than a millisecond.
  if (results[1]?.kind === "failed")
    expect(results[1].stderr_tail).toMatch(/guard: half of the signals take/u);
});

test("validation runs late, restarted and live consumers and wants every signal once and in order", async () => {
  const tight = {
    max_commit_signals: 64,
    max_inbox_signals: 512,
    max_fetch_signals: 256,
    publish_high_water_mark: 16,
  };
  expect(await check(["tune-bus/validate.js"], JSON.stringify(tight))).toMatchObject({ code: 0 });
  expect(await check(["tune-bus/validate.js"], '{"max_frame_signals": "many"}')).toMatchObject({ code: 1 });
});

test("probation measures once more under the guard", async () => {
  const args = ["tune-bus/probation.js", ...SMALL];
  expect(await check(args, "{}")).toMatchObject({ code: 0 });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
