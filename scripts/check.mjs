// `npm run check`: all that can be said about the code without running it. Every step runs even when an earlier one
// failed, so that one run shows everything; each is also an npm script of its own.
import { spawnSync } from "node:child_process";

const STEPS = [
  { script: "format", asks: "is it formatted?", remedy: "npm run format:write" },
  { script: "lint", asks: "does ESLint agree?", remedy: "npm run lint -- --fix, then by hand" },
  { script: "types", asks: "do sources, tests and scripts type-check?", remedy: "by hand" },
  { script: "generate", args: ["--check"], asks: "are generated files fresh?", remedy: "npm run generate" },
  { script: "boundaries", asks: "do imports point one way?", remedy: "see docs/architecture.md, layers" },
  { script: "dead-code", asks: "is everything used?", remedy: "delete it, or use it" },
];

const failed = [];
for (const { script, args = [], asks, remedy } of STEPS) {
  console.log(`\n▶ ${script}: ${asks}`);
  const started = Date.now();
  const { status } = spawnSync("npm", ["run", "--silent", script, "--", ...args], { stdio: "inherit" });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (status !== 0) failed.push({ script, remedy });
  console.log(`${status === 0 ? "✔" : "✘"} ${script} (${seconds} s)`);
}

if (failed.length > 0) {
  console.error(`\n${failed.length} of ${STEPS.length} checks failed:`);
  for (const { script, remedy } of failed) console.error(`  npm run ${script} — remedy: ${remedy}`);
  process.exit(1);
}
console.log(`\nAll ${STEPS.length} checks passed.`);
