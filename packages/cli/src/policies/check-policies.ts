/** Has a policies file checked by the policy engine's own program, run as a process: commands import no daemon. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { loadContracts } from "@kloros/bus";
import { unreachable } from "../program/errors.ts";
import { installedDaemons } from "../up/roster.ts";

export interface CheckedPolicies {
  readonly file: string;
  readonly is_valid: boolean;
  readonly rules: readonly string[];
  readonly problems: readonly {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly path: string;
    readonly message: string;
  }[];
}

const run = promisify(execFile);
const DEADLINE_MS = 30_000;
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

/** @throws {CommandError} 69: the policy engine is not built; 1: the file cannot be read */
export async function checkPolicies(file: string, contractDirs: readonly string[]): Promise<CheckedPolicies> {
  const engine = installedDaemons(loadContracts()).find(({ name }) => name === "kloros_policy_engine");
  if (engine === undefined) throw unreachable("the policy engine is not built here; run: npm run build");
  const { stdout } = await run(process.execPath, [engine.main, "check", file, ...contractDirs], {
    timeout: DEADLINE_MS,
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  return JSON.parse(stdout) as CheckedPolicies;
}
