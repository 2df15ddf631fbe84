/** The cycles of a home, as their folders tell: no daemon is needed to look back. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Candidate,
  type CandidateResult,
  cyclePaths,
  type CycleRecord,
  type CycleSummary,
  parseCandidates,
  parseCycle,
  parseResults,
  parseSummary,
} from "@kloros/experiments";

export interface CycleFiles {
  readonly cycle_id: string;
  /** null when the file is missing or damaged. */
  readonly cycle: CycleRecord | null;
  /** null while the cycle runs, or when it was cut off. */
  readonly summary: CycleSummary | null;
}

/** A candidate with what became of it; null: not measured yet, or never. */
export interface Measured {
  /** `g000`, or `confirm`. */
  readonly tournament: string;
  readonly candidate: Candidate;
  readonly result: CandidateResult | null;
}

/** Ids of all cycles with a folder, newest first: their ids begin with the time of their trigger. */
export async function cycleIds(home: string): Promise<string[]> {
  const entries = await readdir(join(home, "dream_lab", "cycles"), { withFileTypes: true }).catch(
    emptyIfMissing,
  );
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name)
    .sort()
    .reverse();
}

export async function readCycle(home: string, cycleId: string): Promise<CycleFiles> {
  const paths = cyclePaths(home, cycleId);
  const [cycle, summary] = await Promise.all([readText(paths.cycle), readText(paths.summary)]);
  return { cycle_id: cycleId, cycle: parseCycle(cycle), summary: parseSummary(summary) };
}

/** Every candidate of the cycle, in the order of their making. */
export async function readCandidates(home: string, cycleId: string): Promise<Measured[]> {
  const paths = cyclePaths(home, cycleId);
  const folder = join(paths.folder, "generations");
  const names = (await readdir(folder).catch(emptyIfMissing))
    .filter((name) => name.endsWith(".candidates.jsonl"))
    .map((name) => name.slice(0, -".candidates.jsonl".length))
    .sort((a, b) => Number(a === "confirm") - Number(b === "confirm") || (a < b ? -1 : 1));
  const generations = await Promise.all(
    names.map(async (tournament) => {
      const results = parseResults(await readText(paths.results(tournament)));
      const byId = new Map(results.map((result) => [result.candidate_id, result]));
      const candidates = parseCandidates(await readText(paths.candidates(tournament)));
      return candidates.map((candidate) => ({
        tournament,
        candidate,
        result: byId.get(candidate.candidate_id) ?? null,
      }));
    }),
  );
  return generations.flat();
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw cause;
  }
}

function emptyIfMissing(cause: unknown): never[] {
  if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
  throw cause;
}
