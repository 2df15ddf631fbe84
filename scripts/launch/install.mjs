// Dependencies: installed when what lies in node_modules is not what package-lock.json asks for. Install scripts stay
// off: every native part ships prebuilt (docs/adr/0005-libraries.md), so no package gets to run code at install time.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LaunchError, ROOT, runStep } from "./step.mjs";

/**
 * Runs `npm ci --ignore-scripts` when needed.
 * @throws {LaunchError} the install failed
 */
export function ensureInstalled() {
  const difference = firstDifference();
  if (difference === null) return;
  console.log(`Installing dependencies (${difference}) …`);
  // Build and test tools are dev dependencies; NODE_ENV=production would leave them out.
  const code = runStep("npm", ["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund"]);
  if (code !== 0) {
    throw new LaunchError(
      `npm ci --ignore-scripts failed with exit code ${code}; npm's own words are above. Is the registry reachable? (npm ping)`,
    );
  }
}

/** Why node_modules does not match the lock, or null when it does. Compares versions, not times: a checkout sets those anew. */
function firstDifference() {
  const wanted = readPackages("package-lock.json");
  if (wanted === null) throw new LaunchError("package-lock.json is missing: this checkout is not whole.");
  const installed = readPackages("node_modules/.package-lock.json");
  if (installed === null) return "none are installed yet";
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.startsWith("node_modules/") && !path.includes("/node_modules/")) continue;
    const found = installed[path];
    // Parts for other platforms are in the lock and rightly absent here.
    if (found === undefined && entry.optional !== true) return `${path} is missing`;
    if (found !== undefined && found.version !== entry.version) return `${path} is not at ${entry.version}`;
  }
  return null;
}

/**
 * @param {string} lockFile relative to the checkout
 * @returns {Record<string, { version?: string, optional?: boolean }> | null}
 */
function readPackages(lockFile) {
  try {
    return JSON.parse(readFileSync(join(ROOT, lockFile), "utf8")).packages;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new LaunchError(`${lockFile} cannot be read: ${String(error)}`);
  }
}
