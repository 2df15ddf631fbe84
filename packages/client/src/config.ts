/** What this package takes from the environment. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The home as given, else `KLOROS_HOME`, else `~/.kloros`; absolute. */
export function homeOf(home: string | undefined): string {
  return resolve(home ?? (process.env["KLOROS_HOME"] || join(homedir(), ".kloros")));
}
