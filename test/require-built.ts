/** Before all tests: what they start as processes is the built code. `npm test` builds first; whoever calls vitest alone is told. */
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PACKAGES = fileURLToPath(new URL("../packages", import.meta.url));

/** Called by vitest once. @throws Error when a package is not built */
export function setup(): void {
  const indices = readdirSync(PACKAGES).map((name) => `${PACKAGES}/${name}/dist/.tsbuildinfo`);
  const missing = indices.find((file) => !existsSync(file));
  if (missing !== undefined) throw new Error(`${missing} is missing: run npm run build first`);
}
