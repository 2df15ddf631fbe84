// What `npm start` does once Node is known to be new enough.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ensureBuilt } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";
import { checkNativeParts } from "./native-parts.mjs";
import { ROOT } from "./step.mjs";

/**
 * Prepares the checkout, then runs `kloros up` in this very process: signals reach it and its exit code is ours,
 * with no parent in between that could be killed and leave it behind.
 * @param {string[]} args further arguments of `kloros up`; `--home` and `--workspace` among them replace the defaults
 */
export async function startMesh(args) {
  ensureInstalled();
  ensureBuilt();
  checkNativeParts();
  const command = join(ROOT, "packages/cli/bin/kloros.mjs");
  process.argv = [process.execPath, command, "up", ...withDefaults(args)];
  await import(pathToFileURL(command).href);
}

/**
 * The home and workspace of a first try; `--demo` drops a first intent when the home is new.
 * @param {string[]} args
 */
function withDefaults(args) {
  const defaults = [];
  if (!has(args, "--home") && !process.env["KLOROS_HOME"]) defaults.push("--home", join(ROOT, ".kloros"));
  if (!has(args, "--workspace") && !process.env["KLOROS_WORKSPACE"]) {
    defaults.push("--workspace", join(ROOT, "examples/workspace"));
  }
  return [...defaults, "--demo", ...args];
}

/**
 * @param {string[]} args
 * @param {string} option
 */
function has(args, option) {
  return args.some((arg) => arg === option || arg.startsWith(`${option}=`));
}
