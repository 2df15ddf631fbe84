/** The folder of a user's daemon as it is to be registered, with everything that speaks against it. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Contracts, DaemonInfo } from "@kloros/bus";
import { lintFolders, problemLine } from "../contracts/lint-folders.ts";
import { answerNo, usageError } from "../program/errors.ts";

export interface Registration {
  /** Absolute path of the folder with `signals/`. */
  readonly folder: string;
  /** The daemons of its roster; none when it holds contracts only. */
  readonly daemons: readonly DaemonInfo[];
  /** All contracts, this folder's included. */
  readonly after: Contracts;
}

/** `dir` is the package of the daemon, or its folder of contracts. @throws {CommandError} 64 it is neither */
export function contractsFolder(dir: string): string {
  const at = resolve(dir);
  for (const folder of [join(at, "contracts"), at]) if (existsSync(join(folder, "signals"))) return folder;
  throw usageError(
    `${at} holds no contracts: name the folder of a daemon (kloros new daemon makes one), or one with daemons.json and signals/`,
  );
}

/**
 * Checks the folder together with all that the home has already.
 * @throws {CommandError} 1 contracts that are wrong, names and ports that are taken, programs that are not built
 */
export function checkRegistration(folder: string, others: readonly string[]): Registration {
  const linted = lintFolders([...others.filter((other) => other !== folder), folder]);
  if (linted.kind === "unsound")
    throw answerNo(`${linted.problems.map(problemLine).join("\n")}\nnothing was registered`);
  const names = rosterNames(folder);
  const daemons = linted.contracts.daemons.filter(({ name }) => names.includes(name));
  for (const { name, main } of daemons) {
    if (main === undefined)
      throw answerNo(
        `${join(folder, "daemons.json")}: ${name} has no main; name its program, such as ../dist/src/main.js`,
      );
    if (!existsSync(main))
      throw answerNo(
        `${name} is not built: ${main} is not there; in its folder run: npm install && npm run build`,
      );
  }
  return { folder, daemons, after: linted.contracts };
}

/** Names in the roster of a folder; none when it has no roster, or one that cannot be read. */
export function rosterNames(folder: string): readonly string[] {
  const file = join(folder, "daemons.json");
  if (!existsSync(file)) return [];
  try {
    const { daemons } = JSON.parse(readFileSync(file, "utf8")) as { daemons?: { name?: unknown }[] };
    return (daemons ?? []).map(({ name }) => name).filter((name) => typeof name === "string");
  } catch {
    return []; // The lint has told what is wrong with it.
  }
}
