/** `kloros daemons add|remove`: what they do to a home, and to what runs on it. */
import { didYouMean, readMeshFile } from "@kloros/daemon";
import { contractsWith } from "../contracts/contract-folders.ts";
import { lintFolders, problemLine } from "../contracts/lint-folders.ts";
import { contractDirs } from "../program/contract-dirs.ts";
import { answerNo, usageError } from "../program/errors.ts";
import { affectedDaemons } from "./affected-daemons.ts";
import { withContractDir, withoutContractDir } from "./contract-dirs-entry.ts";
import { editMeshFile } from "./edit-mesh-file.ts";
import { checkRegistration, rosterNames } from "./registration.ts";
import { type Running, takeOver, whatRuns } from "./running-mesh.ts";

export interface RosterChange {
  readonly folder: string;
  /** Names of the daemons that came or went. */
  readonly daemons: readonly string[];
  /** False: it was so already. */
  readonly changed: boolean;
  readonly running: Running["by"];
  /** Daemons that run and know the contracts as they were. */
  readonly to_restart: readonly string[];
  /** Those that were restarted now, with `--restart`. */
  readonly restarted: readonly string[];
  /** What runs has taken the change over. */
  readonly is_taken_over: boolean;
}

/** @throws {CommandError} 1 whatever speaks against it; nothing was changed then */
export async function addDaemons(home: string, folder: string, restart: boolean): Promise<RosterChange> {
  const dirs = await contractDirs(home);
  const { daemons, after } = checkRegistration(folder, dirs);
  const names = daemons.map(({ name }) => name);
  const rest = dirs.filter((dir) => dir !== folder);
  const before = lintFolders(rest).kind === "sound" ? contractsWith(rest) : contractsWith([]);
  const changed = dirs.includes(folder)
    ? false
    : await editMeshFile(home, (text) => withContractDir(text, folder));
  return settle(home, { folder, daemons: names, changed }, affectedDaemons(before, after), restart);
}

/** @throws {CommandError} 64 no such daemon, 1 what stands with it in its folder, or needs its contracts */
export async function removeDaemons(
  home: string,
  names: readonly string[],
  restart: boolean,
): Promise<RosterChange> {
  const dirs = await contractDirs(home);
  const folder = folderOf(names, dirs);
  const own = rosterNames(folder);
  const left = own.filter((name) => !names.includes(name));
  if (left.length > 0)
    throw answerNo(
      `${folder} also holds ${left.join(", ")}: name them too, or take ${names.join(", ")} out of its daemons.json`,
    );
  const rest = lintFolders(dirs.filter((dir) => dir !== folder));
  if (rest.kind === "unsound")
    throw answerNo(
      `${rest.problems.map(problemLine).join("\n")}\nthese would be left without it; nothing was changed`,
    );
  const before = contractsWith(dirs);
  const written = await asWritten(home, dirs.indexOf(folder));
  const changed = await editMeshFile(home, (text) => withoutContractDir(text, written));
  const affected = affectedDaemons(before, rest.contracts);
  return settle(home, { folder, daemons: own, changed }, affected, restart);
}

async function settle(
  home: string,
  change: Pick<RosterChange, "folder" | "daemons" | "changed">,
  affected: readonly string[],
  restart: boolean,
): Promise<RosterChange> {
  const running = await whatRuns(home, [...affected, ...change.daemons]);
  const toRestart = affected.filter((name) => running.names.includes(name));
  const result = {
    ...change,
    running: running.by,
    to_restart: toRestart,
    restarted: [],
    is_taken_over: false,
  };
  if (!restart || running.by !== "supervisor") return result;
  await takeOver(home, toRestart);
  return { ...result, restarted: toRestart, is_taken_over: true };
}

function folderOf(names: readonly string[], dirs: readonly string[]): string {
  const rosters = dirs.map((dir) => [dir, rosterNames(dir)] as const);
  const known = rosters.flatMap(([, roster]) => roster);
  for (const name of names) {
    if (known.includes(name)) continue;
    const meant = didYouMean(name, known);
    const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
    throw usageError(
      `${name} is no daemon that was registered here${hint} (there are: ${known.join(", ") || "none"})`,
    );
  }
  const [folder, ...others] = rosters.filter(([, roster]) => names.some((name) => roster.includes(name)));
  if (folder === undefined || others.length > 0)
    throw usageError("daemons of several folders are removed one folder after the other");
  return folder[0];
}

/** The n-th entry as mesh.yaml has it: relative, or with `~`. @throws {CommandError} 1 the folders come from the environment */
async function asWritten(home: string, n: number): Promise<string> {
  if (process.env["KLOROS_CONTRACT_DIRS"])
    throw answerNo("KLOROS_CONTRACT_DIRS is set and stands above mesh.yaml: take the folder out of it");
  const value = (await readMeshFile(home)).entries.get("contract_dirs")?.value;
  const entry = Array.isArray(value)
    ? (value as unknown[]).filter((dir) => typeof dir === "string")[n]
    : undefined;
  if (typeof entry !== "string") throw answerNo(`mesh.yaml of ${home} was changed in this moment; try again`);
  return entry;
}
