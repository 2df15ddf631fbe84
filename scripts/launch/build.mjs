// The build: incremental, so a second start pays only for the look.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { LaunchError, ROOT, runStep } from "./step.mjs";

/**
 * Runs `tsc --build`; what is up to date is left alone.
 * @throws {LaunchError} the sources do not compile
 */
export function ensureBuilt() {
  if (!existsSync(join(ROOT, "packages/cli/dist/kloros.js"))) console.log("Building …");
  const code = runStep(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "--build"]);
  if (code !== 0) throw new LaunchError("The build failed; the compiler's messages are above.");
}
