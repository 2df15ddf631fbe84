/** What a tournament is held with: the experiment of the cycle and the candidates of a file, both below the cycle's folder. */
import { readFile, realpath, stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import {
  type Candidate,
  type CycleRecord,
  cyclePaths,
  parseCandidate,
  parseCycle,
} from "@kloros/experiments";
import { candidatesProblem } from "../decide.ts";
import type { TournamentRequest } from "../jobs/job.ts";

/** A hundred thousand candidates of a large search space. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const CANDIDATES_END = ".candidates.jsonl";
const RESULTS_END = ".results.jsonl";

export type Entrants =
  | {
      readonly kind: "read";
      readonly cycle: CycleRecord;
      readonly candidates: readonly Candidate[];
      /** Relative to the home. */
      readonly resultsPath: string;
    }
  | { readonly kind: "refused"; readonly message: string };

/** Reads both files. @throws the error of the file system where one is there and cannot be read */
export async function readEntrants(home: string, request: TournamentRequest): Promise<Entrants> {
  const paths = cyclePaths(home, request.cycle_id);
  const candidatesPath = resolve(home, request.candidates_path);
  const outside = await placeProblem(candidatesPath, paths.folder);
  if (outside !== undefined) return refused(`candidates_path ${request.candidates_path} ${outside}`);
  if ((await placeProblem(paths.cycle, paths.folder)) !== undefined)
    return refused(`${relative(home, paths.cycle)} is missing: the cycle has not begun or was removed`);

  const cycle = parseCycle(await readFile(paths.cycle, "utf8"));
  if (!cycle) return refused(`${relative(home, paths.cycle)} is no record of a cycle`);
  if (cycle.cycle_id !== request.cycle_id || cycle.experiment.name !== request.experiment) {
    const theirs = `${cycle.cycle_id} of ${cycle.experiment.name}`;
    return refused(
      `the request is about ${request.cycle_id} of ${request.experiment}, its cycle.json about ${theirs}`,
    );
  }
  const candidates: Candidate[] = [];
  for (const [index, line] of (await readFile(candidatesPath, "utf8")).split("\n").entries()) {
    if (line.trim() === "") continue;
    const candidate = parseCandidate(line);
    if (!candidate) return refused(`${request.candidates_path}, line ${index + 1} is no candidate`);
    candidates.push(candidate);
  }
  const problem = candidatesProblem(candidates, request.candidate_count);
  if (problem !== undefined) return refused(`${request.candidates_path}: ${problem}`);
  const results = candidatesPath.slice(0, -CANDIDATES_END.length) + RESULTS_END;
  return { kind: "read", cycle, candidates, resultsPath: relative(home, results) };
}

/** A plain file of bounded size, really inside the folder, links followed. */
async function placeProblem(path: string, folder: string): Promise<string | undefined> {
  const [real, realFolder] = await Promise.all([realpathOrUndefined(path), realpathOrUndefined(folder)]);
  if (real === undefined) return "does not exist";
  if (realFolder === undefined || !real.startsWith(join(realFolder, sep)))
    return "lies outside of its cycle's folder";
  const found = await stat(real);
  if (!found.isFile()) return "is no file";
  if (found.size > MAX_FILE_BYTES) return `has ${found.size} bytes; at most ${MAX_FILE_BYTES} are read`;
  return undefined;
}

async function realpathOrUndefined(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw cause;
  }
}

function refused(message: string): Entrants {
  return { kind: "refused", message };
}
