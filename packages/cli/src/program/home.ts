/** Where the home is, and the options that every subcommand shares. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { type Command, Option } from "commander";
import { unreachable } from "./errors.ts";

export interface CommonOptions {
  readonly home?: string;
  readonly json?: boolean;
}

/** Adds `--home` and `--json`. */
export function withCommonOptions(command: Command, json = "print JSON for programs"): Command {
  return command
    .addOption(new Option("--home <dir>", "home of the mesh (default: $KLOROS_HOME or ~/.kloros)"))
    .option("--json", json);
}

/** `--home`, else `KLOROS_HOME`, else `~/.kloros`; absolute. */
export function homeOf(options: CommonOptions): string {
  return resolve(options.home ?? (process.env["KLOROS_HOME"] || join(homedir(), ".kloros")));
}

/** The home, which must exist. @throws {CommandError} 69 when it does not */
export function existingHome(options: CommonOptions): string {
  const home = homeOf(options);
  if (existsSync(home)) return home;
  throw unreachable(`there is no home at ${home}; start one with: kloros up --home ${home}`);
}
