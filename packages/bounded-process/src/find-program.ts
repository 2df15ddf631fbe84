/** Whether a run can begin at all: looked at before, since the wrapper in front of the program could only say "127". */
import { accessSync, constants, statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";

export type FoundProgram =
  | { readonly kind: "found"; readonly program: string }
  | { readonly kind: "unusable"; readonly message: string };

/** The program that `name` means in the folder `cwd` with this PATH, as an absolute path. */
export function findProgram(name: string | undefined, cwd: string, path: string): FoundProgram {
  if (name === undefined || name === "") return unusable("the command is empty: name a program");
  if (!isFolder(cwd)) return unusable(`the working folder ${cwd} does not exist`);
  if (name.includes("/")) {
    const program = resolve(cwd, name);
    const problem = problemOf(program);
    return problem === undefined ? { kind: "found", program } : unusable(`${program} ${problem}`);
  }
  let near: string | undefined;
  for (const folder of path.split(":")) {
    if (!isAbsolute(folder)) continue; // A relative PATH would mean the folder that a candidate writes into.
    const program = join(folder, name);
    const problem = problemOf(program);
    if (problem === undefined) return { kind: "found", program };
    if (problem !== MISSING) near ??= `${program} ${problem}`;
  }
  return unusable(near ?? `${name} is in none of the folders of PATH (${path})`);
}

const MISSING = "does not exist";

function problemOf(program: string): string | undefined {
  const found = statSync(program, { throwIfNoEntry: false });
  if (!found) return MISSING;
  if (!found.isFile()) return "is no file";
  try {
    accessSync(program, constants.X_OK);
    return undefined;
  } catch {
    return "may not be executed: set its executable bit";
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function unusable(message: string): FoundProgram {
  return { kind: "unusable", message };
}
