// What `npm test` does once Node is known to be new enough.
import { join } from "node:path";
import { ensureBuilt } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";
import { checkNativeParts } from "./native-parts.mjs";
import { ROOT, runStep } from "./step.mjs";

/**
 * Prepares the checkout, checks it, runs the tests. The test runner's own closing line is the last thing printed when
 * all is well.
 * @param {string[]} args arguments of vitest; with any, the checks are left out
 * @returns {number} exit code, 0 only when the checks and all tests pass
 */
export function runTests(args) {
  ensureInstalled();
  ensureBuilt();
  checkNativeParts();
  const checks = args.length > 0 ? 0 : runStep(process.execPath, [join(ROOT, "scripts/check.mjs")]);
  const tests = runStep(process.execPath, [join(ROOT, "node_modules/vitest/vitest.mjs"), "run", ...args]);
  if (checks !== 0) console.error("\nnpm run check failed before the tests ran; its findings are above.");
  return tests === 0 ? checks : tests;
}
