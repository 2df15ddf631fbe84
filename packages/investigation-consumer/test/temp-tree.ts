/** Source trees on disk, gone after the test. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { investigate, type InvestigationRequest } from "../src/analysis/investigate.ts";
import type { InvestigationOutcome } from "../src/analysis/findings.ts";
import type { AnalysisLimits } from "../src/analysis/limits.ts";

export const LIMITS: AnalysisLimits = {
  maxFileBytes: 64 * 1024,
  maxModuleFiles: 50,
  maxWorkspaceFiles: 500,
  maxCapabilities: 20,
  maxIntegrationPoints: 5,
  maxOutcomeBytes: 16 * 2 ** 20,
  workspaceMaxAgeMs: 0,
};

/** A folder with these files; content by relative path. */
export async function tempTree(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "kloros-investigation-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeTree(folder, files);
  return folder;
}

export async function writeTree(
  folder: string,
  files: Readonly<Record<string, string | Buffer>>,
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

export async function look(
  workspace: string,
  at: Partial<InvestigationRequest>,
): Promise<InvestigationOutcome> {
  return investigate({ workspace, paths: [], module_name: null, limits: LIMITS, ...at });
}

export async function found(workspace: string, at: Partial<InvestigationRequest>) {
  const outcome = await look(workspace, at);
  if (outcome.kind === "failed") throw new Error(`${outcome.error.type}: ${outcome.error.message}`);
  return outcome;
}

export async function failure(workspace: string, at: Partial<InvestigationRequest>): Promise<string> {
  const outcome = await look(workspace, at);
  return outcome.kind === "failed" ? outcome.error.type : `found ${outcome.module.path}`;
}
