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

/**
 * Ids of all cycles with a folder, newest first by when they began. Their ids hold the time of who asked first: a retry is
 * younger than its id says, and several may have been asked for in one second.
 */
export async function cycleIds(home: string): Promise<string[]> {
  const entries = await readdir(join(home, "dream_lab", "cycles"), { withFileTypes: true }).catch(
    emptyIfMissing,
  );
  const begun: { readonly id: string; readonly at: string }[] = [];
  for (const { name: id } of entries.filter((one) => one.isDirectory() && !one.name.startsWith("."))) {
    const cycle = parseCycle(await readText(cyclePaths(home, id).cycle));
    begun.push({ id, at: cycle?.started_at ?? timeInId(id) });
  }
  return begun.sort((a, b) => order(b.at, a.at) || order(b.id, a.id)).map(({ id }) => id);
}

/** Of a cycle whose record is missing or damaged. */
function timeInId(id: string): string {
  return id.replace(/^dream_(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)_.*$/u, "$1-$2-$3T$4:$5:$6.000Z");
}

function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
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
