import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { type Evaluator, measureOnce, type MeasureRequest } from "../../src/index.ts";

async function measure(script: string, changes: Partial<MeasureRequest> = {}, timeout_s = 20) {
  const workDir = await mkdtemp(join(tmpdir(), "kloros-measure-"));
  onTestFinished(() => rm(workDir, { recursive: true, force: true }));
  const evaluator: Evaluator = {
    command: ["/bin/sh", "-c", script, "{candidate_id}"],
    timeout_s,
    repeats: 1,
    limits: { cpu_s: 20, memory_bytes: 1e9, output_bytes: 10_000 },
  };
  return measureOnce({
    evaluator,
    params: { level: 3, "odd name": "ä" },
    artifactPath: join(workDir, "params.json"),
    workDir,
    placeholders: { candidate_id: "c7" },
    seed: 42,
    label: "measure-test:",
    ...changes,
  });
}

it("gives the evaluator its parameters, seed, artifact and folder, and reads the last line", async () => {
  const script = `printf '{"fitness": 1.5, "metrics": {"in": %s, "seed": "%s", "at": "%s", "id": "%s %s"}}' "$(cat)" "$KLOROS_SEED" "$KLOROS_ARTIFACT" "$KLOROS_CANDIDATE" "$0"; [ "$PWD" = "$KLOROS_WORK" ]`;
  const measured = await measure(script);
  expect(measured).toMatchObject({
    kind: "ok",
    fitness: 1.5,
    metrics: { in: { level: 3, "odd name": "ä" }, seed: "42", id: "c7 c7" },
  });
});

it("a number from a program that failed is no fitness", async () => {
  expect(await measure(`echo '{"fitness": 1}'; echo why >&2; exit 2`)).toMatchObject({
    kind: "failed",
    type: "NonZeroExit",
    message: "the evaluator ended with exit code 2",
    stderr_tail: "why",
  });
});

it("of a long complaint the end is kept, from the beginning of a line", async () => {
  const measured = await measure("seq 1 1500 >&2; exit 1");
  if (measured.kind !== "failed") throw new Error("it failed");
  expect(measured.stderr_tail).toMatch(/^…\d+\n[^]*1500$/);
  expect(measured.stderr_tail.length).toBeLessThan(2_010);
});

it("a success after the evaluator's time is a failure; after the deadline it is one for want of time", async () => {
  const late = `echo '{"fitness": 1}'; sleep 5`;
  expect(await measure(late, {}, 0.2)).toMatchObject({ kind: "failed", type: "Timeout" });
  expect(await measure(late, { deadlineMs: performance.now() + 200 })).toMatchObject({ type: "OutOfTime" });
  expect(await measure("true", { deadlineMs: performance.now() - 1 })).toMatchObject({
    type: "OutOfTime",
    usage: { durationMs: 0 },
  });
});

it("a program that cannot be started is told with the reason", async () => {
  const evaluator = {
    command: ["./nothing"],
    timeout_s: 1,
    repeats: 1,
    limits: { cpu_s: 1, memory_bytes: 1e9, output_bytes: 100 },
  };
  expect(await measure("", { evaluator })).toMatchObject({
    kind: "failed",
    type: "CannotStart",
    message: expect.stringMatching(/nothing does not exist$/),
  });
});

it("a command with a placeholder that means nothing to an evaluator cannot be started", async () => {
  const limits = { cpu_s: 1, memory_bytes: 1e9, output_bytes: 100 };
  const evaluator = { command: ["ls", "{version}"], timeout_s: 1, repeats: 1, limits };
  expect(await measure("", { evaluator })).toMatchObject({
    type: "CannotStart",
    message: '{version} in "{version}" has no value here',
  });
});

it("an abort is no result: it rejects with the signal's reason", async () => {
  const abort = new AbortController();
  const going = measure("sleep 600", { signal: abort.signal });
  setTimeout(() => abort.abort(new Error("enough")), 100);
  await expect(going).rejects.toThrow("enough");
  await expect(measure("true", { signal: abort.signal })).rejects.toThrow("enough");
});
