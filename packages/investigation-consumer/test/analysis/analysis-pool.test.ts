import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { AnalysisPool, type AnalysisPoolOptions } from "../../src/analysis/analysis-pool.ts";
import type { InvestigationOutcome } from "../../src/analysis/findings.ts";
import type { InvestigationRequest } from "../../src/analysis/investigate.ts";
import { LIMITS, tempTree } from "../temp-tree.ts";

/** Does what the module name says. */
const ANALYSIS = `
process.on("disconnect", () => process.exit());
process.on("message", async ({ module_name }) => {
  if (module_name === "hang") for (;;);
  if (module_name === "exit") process.exit(3);
  if (module_name === "abort") process.abort();
  if (module_name === "throw") return process.send({ kind: "threw", message: "a defect" });
  if (module_name === "eat") { const all = []; for (;;) all.push(new Array(1e5).fill("x" + all.length)); }
  await new Promise((resolve) => setTimeout(resolve, module_name === "slow" ? 150 : 0));
  const error = { type: "ModuleNotFound", message: module_name + process.pid };
  process.send({ kind: "outcome", outcome: { kind: "failed", error, notes: [] } });
});`;

async function poolWith(options: Partial<AnalysisPoolOptions> = {}) {
  const folder = await tempTree({});
  await writeFile(join(folder, "analysis.mjs"), ANALYSIS);
  const file = pathToFileURL(join(folder, "analysis.mjs"));
  const pool = new AnalysisPool({
    workers: 1,
    deadlineMs: 20_000,
    idleMs: 60_000,
    memoryBytes: 64 * 2 ** 20,
    file,
    ...options,
  });
  onTestFinished(() => pool.close());
  return pool;
}

function ask(module_name: string): InvestigationRequest {
  return { workspace: "/", paths: [], module_name, limits: LIMITS };
}

const never = new AbortController().signal;

describe("the pool of analysing processes", () => {
  it("stops an analysis at its deadline, and the next one runs", async () => {
    // Long enough for the next one's process to start on a busy machine.
    const pool = await poolWith({ deadlineMs: 2_000 });
    expect(await pool.run(ask("hang"), never)).toMatchObject({
      kind: "failed",
      error: { type: "AnalysisTimeout" },
    });
    expect(await pool.run(ask("fine"), never)).toMatchObject({
      error: { message: expect.stringMatching(/^fine/) },
    });
  });

  it("counts the deadline from when a process takes the work", async () => {
    const pool = await poolWith({ deadlineMs: 1_000 });
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => pool.run(ask("slow"), never)));
    expect(outcomes.map((each) => each.kind === "failed" && each.error.message)).toEqual(
      Array.from({ length: 10 }, () => expect.stringMatching(/^slow/)),
    );
  });

  it.each(["exit", "abort", "throw", "eat"])(
    "makes one failed investigation of a process that does this: %s",
    async (deed) => {
      const pool = await poolWith();
      const [bad, good] = await Promise.all([pool.run(ask(deed), never), pool.run(ask("fine"), never)]);
      expect(bad).toMatchObject({ kind: "failed", error: { type: "AnalysisCrashed" } });
      expect(good).toMatchObject({ error: { message: expect.stringMatching(/^fine/) } });
    },
  );

  it("gives up an analysis that nobody wants any more", async () => {
    const pool = await poolWith();
    const abort = new AbortController();
    const running = pool.run(ask("hang"), abort.signal);
    const waiting = pool.run(ask("fine"), abort.signal);
    setTimeout(() => abort.abort(), 100);
    await expect(running).rejects.toMatchObject({ code: "E_ANALYSIS_ABANDONED" });
    await expect(waiting).rejects.toMatchObject({ code: "E_ANALYSIS_ABANDONED" });
    expect(pool.load).toBe(0);
    expect(await pool.run(ask("fine"), never)).toMatchObject({
      error: { message: expect.stringMatching(/^fine/) },
    });
  });

  it("keeps its process for the next analysis, ends it when idle, and starts one when there is work again", async () => {
    const pool = await poolWith({ idleMs: 500 });
    const first = pidOf(await pool.run(ask("fine"), never));
    expect(pidOf(await pool.run(ask("fine"), never))).toBe(first);
    expect(pool.processes).toBe(1);
    await vi.waitUntil(() => pool.processes === 0 && !isAlive(first), 10_000);
    expect(pidOf(await pool.run(ask("fine"), never))).not.toBe(first);
  });

  it("starts a new process when the idle one was killed", async () => {
    const pool = await poolWith();
    const first = pidOf(await pool.run(ask("fine"), never));
    process.kill(first, "SIGKILL");
    await vi.waitUntil(() => !isAlive(first), 10_000);
    expect(await pool.run(ask("fine"), never)).toMatchObject({
      error: { message: expect.stringMatching(/^fine/) },
    });
  });
});

function pidOf(outcome: InvestigationOutcome): number {
  return outcome.kind === "failed" ? Number(outcome.error.message.replace("fine", "")) : 0;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
