/** Folders that hold no source of the module they lie in: dependencies, caches, environments, build output. */
const SKIPPED: ReadonlySet<string> = new Set([
  "node_modules",
  "bower_components",
  "jspm_packages",
  "__pycache__",
  "site-packages",
  "venv",
  "virtualenv",
  "coverage",
  "htmlcov",
]);
const BUILD_OUTPUT: ReadonlySet<string> = new Set(["dist", "build", "out", "lib-cov"]);

/**
 * `siblings` are the names beside the folder: build output is skipped where its sources stand next to it, and kept
 * where it is all there is (installed npm packages).
 */
export function isSkippedFolder(name: string, siblings: ReadonlySet<string>): boolean {
  if (name.startsWith(".") || name.endsWith(".egg-info") || SKIPPED.has(name)) return true;
  return BUILD_OUTPUT.has(name) && siblings.has("src");
}

/** A file that only a Python virtual environment has; its folder is skipped whatever it is called. */
export const ENVIRONMENT_MARKER = "pyvenv.cfg";
