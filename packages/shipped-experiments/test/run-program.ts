/** The shipped programs as the mesh runs them, built. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { runBounded } from "@kloros/bounded-process";
import { type Evaluator, type Measurement, measureOnce, type Params } from "@kloros/experiments";

/** Measures once. `program`: a file of `dist/` and its arguments. */
export async function measure(
  program: readonly string[],
  params: Params,
  limits: Partial<Evaluator["limits"]> & { timeout_s?: number } = {},
): Promise<Measurement> {
  const work = await workFolder();
  const { timeout_s = 50, cpu_s = 100, memory_bytes = 1024 ** 3, output_bytes = 65_536 } = limits;
  return measureOnce({
    evaluator: {
      command: commandOf(program),
      timeout_s,
      repeats: 1,
      limits: { cpu_s, memory_bytes, output_bytes },
    },
    params,
    artifactPath: join(work, "params.json"),
    workDir: work,
    placeholders: { candidate_id: "c00001" },
    seed: 1,
    label: `test-${work}`,
  });
}

/** Runs a validation or probation with `artifact` as the last argument; exit code and complaint. */
export async function check(
  program: readonly string[],
  artifact: string,
): Promise<{ code: number | null; stderr: string }> {
  const work = await workFolder();
  const path = join(work, "params.json");
  await writeFile(path, artifact);
  const outcome = await runBounded({
    command: [...commandOf(program), path],
    cwd: work,
    timeoutMs: 50_000,
    label: `test-${work}`,
  });
  return { code: outcome.kind === "exited" ? outcome.code : null, stderr: outcome.stderr };
}

/** Removed at the end of the test. */
async function workFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kloros-shipped-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function commandOf([file = "", ...args]: readonly string[]): string[] {
  return [process.execPath, fileURLToPath(new URL(`../dist/${file}`, import.meta.url)), ...args];
}
