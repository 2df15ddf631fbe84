import { expect, it } from "vitest";
import { AnalysisPool } from "../src/analysis/analysis-pool.ts";
import { LIMITS, tempTree } from "./temp-tree.ts";

const MODULES = 500;
/** A quiet machine with two cores needs 1 s (and 4 s for 2,000); one that does a dozen other things gets this. */
const MOST_MS = 15_000;

it("analyses 500 small modules in one process, each with its importer, within a quarter of a minute", async () => {
  const files: Record<string, string> = {};
  for (let index = 0; index < MODULES; index++) {
    const module = `mod_${index}`;
    files[`${module}/__init__.py`] = `"""Module ${index}."""\nfrom .work import work\n`;
    files[`${module}/work.py`] = "import os\ndef work(a: int) -> int:\n    return a\n".repeat(5);
    files[`${module}/model.py`] = "class Model:\n    async def load(self): ...\n".repeat(10);
    files[`${module}/cli.py`] = `from mod_${(index + 1) % MODULES} import work\n`;
    files[`${module}/test_work.py`] = "def test_it(): ...\n";
  }
  const workspace = await tempTree(files);
  const file = new URL("../dist/analysis/analysis-main.js", import.meta.url);
  const pool = new AnalysisPool({
    workers: 1,
    deadlineMs: 60_000,
    idleMs: 1_000,
    memoryBytes: 2 ** 29,
    file,
  });
  const limits = { ...LIMITS, maxWorkspaceFiles: 20_000, workspaceMaxAgeMs: 10_000 };
  const begun = performance.now();
  for (let index = 0; index < MODULES; index++) {
    const name = `mod_${index}`;
    const asked = index % 2 === 0 ? { paths: [name], module_name: null } : { paths: [], module_name: name };
    const outcome = await pool.run({ workspace, ...asked, limits }, new AbortController().signal);
    expect(outcome).toMatchObject({
      kind: "found",
      integration_points_count: 1,
      module: { functions_count: 6 },
    });
  }
  pool.close();
  expect(performance.now() - begun).toBeLessThan(MOST_MS);
}, 120_000);
