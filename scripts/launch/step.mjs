// Running one command of the launch in the foreground, and the error that ends a launch with advice instead of a stack.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The checkout, as an absolute path without a trailing slash. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** A launch that cannot go on; the message says what is wrong and what to do. */
export class LaunchError extends Error {
  code = "E_LAUNCH";
}

/**
 * Runs a command in the checkout with the terminal attached; returns its exit code (128 + n when signal n ended it).
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env] added to this process's environment
 * @returns {number}
 * @throws {LaunchError} the command does not exist
 */
export function runStep(command, args, env = {}) {
  const result = spawnSync(command, args, { cwd: ROOT, stdio: "inherit", env: { ...process.env, ...env } });
  if (result.error) throw new LaunchError(`Cannot run ${command}: ${result.error.message}`);
  // A signal has no exit code; 130 is what a shell reports for the usual one, Ctrl-C.
  return result.status ?? 130;
}
