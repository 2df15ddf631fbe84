import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { AnalysisPool, type AnalysisPoolOptions } from "../../src/analysis/analysis-pool.ts";
import type { InvestigationRequest } from "../../src/analysis/investigate.ts";
import { LIMITS, tempTree } from "../temp-tree.ts";

/** Does what the module name says. */
const WORKER = `
export async function investigate({ module_name }) {
  if (module_name === "hang") for (;;);
  if (module_name === "crash") process.exit(3);
  if (module_name === "throw") throw new Error("a defect");
  if (module_name === "eat") { const all = []; for (;;) all.push(new Array(1e5).fill("x" + all.length)); }
  await new Promise((resolve) => setTimeout(resolve, module_name === "slow" ? 150 : 0));
  return { kind: "failed", error: { type: "ModuleNotFound", message: module_name }, notes: [] };
}`;

async function poolWith(options: Partial<AnalysisPoolOptions> = {}) {
  const folder = await tempTree({});
  await writeFile(join(folder, "worker.mjs"), WORKER);
  const workerFile = pathToFileURL(join(folder, "worker.mjs"));
  const pool = new AnalysisPool({ workers: 1, deadlineMs: 20_000, idleMs: 60_000, memoryBytes: 64 * 2 ** 20, workerFile, ...options });
  onTestFinished(() => pool.close());
  return pool;
}

function ask(module_name: string): InvestigationRequest {
  return { workspace: "/", paths: [], module_name, limits: LIMITS };
}

const never = new AbortController().signal;

describe("the pool of analysis threads", () => {
  it("stops an analysis at its deadline, and the next one runs", async () => {
    const pool = await poolWith({ deadlineMs: 300 });
    expect(await pool.run(ask("hang"), never)).toMatchObject({ kind: "failed", error: { type: "AnalysisTimeout" } });
    expect(await pool.run(ask("fine"), never)).toMatchObject({ error: { message: "fine" } });
  });

  it("counts the deadline from when a thread takes the work", async () => {
    const pool = await poolWith({ deadlineMs: 1_000 });
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => pool.run(ask("slow"), never)));
    expect(outcomes.map((each) => each.kind === "failed" && each.error.message)).toEqual(Array.from({ length: 10 }, () => "slow"));
  });

  it.each(["crash", "throw", "eat"])("makes one failed investigation of a thread that does this: %s", async (deed) => {
    const pool = await poolWith();
    const [bad, good] = await Promise.all([pool.run(ask(deed), never), pool.run(ask("fine"), never)]);
    expect(bad).toMatchObject({ kind: "failed", error: { type: "AnalysisCrashed" } });
    expect(good).toMatchObject({ error: { message: "fine" } });
  });

  it("gives up an analysis that nobody wants any more", async () => {
    const pool = await poolWith();
    const abort = new AbortController();
    const running = pool.run(ask("hang"), abort.signal);
    const waiting = pool.run(ask("fine"), abort.signal);
    setTimeout(() => abort.abort(), 100);
    await expect(running).rejects.toMatchObject({ code: "E_ANALYSIS_ABANDONED" });
    await expect(waiting).rejects.toMatchObject({ code: "E_ANALYSIS_ABANDONED" });
    expect(pool.load).toBe(0);
    expect(await pool.run(ask("fine"), never)).toMatchObject({ error: { message: "fine" } });
  });

  it("ends its thread when idle and starts one when there is work again", async () => {
    const pool = await poolWith({ idleMs: 100 });
    await pool.run(ask("fine"), never);
    await vi.waitFor(() => expect(process.getActiveResourcesInfo().filter((each) => each === "MessagePort")).toEqual([]), 5_000);
    expect(await pool.run(ask("fine"), never)).toMatchObject({ error: { message: "fine" } });
  });
});
