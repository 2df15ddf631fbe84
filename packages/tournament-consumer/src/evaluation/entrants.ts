/** What a tournament is held with: the experiment of the cycle and the candidates of a file, both below the cycle's folder. */
import { readFile, realpath, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { isInside } from "@kloros/bus";
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
  const named = await placeOf(resolve(home, request.candidates_path), paths.folder);
  if (named.kind === "refused") return refused(`candidates_path ${request.candidates_path} ${named.message}`);
  // Where the file really lies: results are written beside it, not beside a link that leads to it.
  const candidatesPath = join(paths.folder, named.way);
  if ((await placeOf(paths.cycle, paths.folder)).kind === "refused")
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

type Place =
  { readonly kind: "inside"; readonly way: string } | { readonly kind: "refused"; readonly message: string };

/** The way from the folder to a plain file of bounded size, provided that it is really inside, links followed. */
async function placeOf(path: string, folder: string): Promise<Place> {
  const outside = (message: string): Place => ({ kind: "refused", message });
  const [real, realFolder] = await Promise.all([realpathOrUndefined(path), realpathOrUndefined(folder)]);
  if (real === undefined) return outside("does not exist");
  if (realFolder === undefined || !isInside(realFolder, real))
    return outside("lies outside of its cycle's folder");
  const found = await stat(real);
  if (!found.isFile()) return outside("is no file");
  if (found.size > MAX_FILE_BYTES)
    return outside(`has ${found.size} bytes; at most ${MAX_FILE_BYTES} are read`);
  if (!real.endsWith(CANDIDATES_END) && path.endsWith(CANDIDATES_END))
    return outside(`leads to a file that does not end in ${CANDIDATES_END}`);
  return { kind: "inside", way: relative(realFolder, real) };
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
