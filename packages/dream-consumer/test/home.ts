/** Homes for tests, gone after them, with an experiment or several. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureHome } from "@kloros/bus";
import { onTestFinished } from "vitest";

/** A point in use before anything was deployed. */
export const BASELINE = "{x: 5, kind: plain}";

export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kloros-dream-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A home with this `dream.yaml`; null: without one. */
export async function homeWith(dreamYaml: string | null, home?: string): Promise<string> {
  const path = home ?? join(await tempFolder(), "home");
  await mkdir(path, { recursive: true, mode: 0o700 });
  await ensureHome(path);
  if (dreamYaml !== null) await writeFile(join(path, "dream_lab", "dream.yaml"), dreamYaml);
  return path;
}

export interface ExperimentText {
  readonly name?: string;
  readonly topics?: string;
  readonly baseline?: string;
  readonly max_candidates?: number;
  readonly max_generations?: number;
  readonly wallclock_sec?: number;
  readonly more?: string;
}

/** An experiment with one number to find; its evaluator is never run: the tournament is scripted. */
export function experimentText(changes: ExperimentText = {}): string {
  return `
  - name: ${changes.name ?? "sorting"}
    topics: [${changes.topics ?? ""}]
    search_space:
      x: {type: real, min: 0, max: 10}
      kind: [plain, fancy]
    ${changes.baseline === undefined ? "" : `baseline: ${changes.baseline}`}
    evaluator: {command: ["true"], timeout_s: 5}
    budget: {max_candidates: ${changes.max_candidates ?? 30}, max_generations: ${changes.max_generations ?? 3}, wallclock_sec: ${changes.wallclock_sec ?? 60}}
    selector: {population: 6}
    ${changes.more ?? ""}`;
}

export function dreamYaml(
  experiments: readonly ExperimentText[] = [{}],
  run = "{seed: 7}",
  more = "",
): string {
  return `run: ${run}\n${more}\nexperiments:${experiments.map(experimentText).join("")}\n`;
}

export async function readJson<T = Record<string, unknown>>(...path: string[]): Promise<T> {
  return JSON.parse(await readFile(join(...path), "utf8")) as T;
}

export async function readLines<T = Record<string, unknown>>(...path: string[]): Promise<T[]> {
  const text = await readFile(join(...path), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
}

export async function promotion(home: string, name: string, content: object): Promise<string> {
  const path = join(home, "dream_lab", "promotions", name);
  await writeFile(path, JSON.stringify(content));
  return path;
}

export function exists(...path: string[]): boolean {
  return existsSync(join(...path));
}
