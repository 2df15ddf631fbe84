/**
 * `npm run generate`: writes everything that follows from schemas/ and from the error classes.
 * `npm run generate -- --check`: writes nothing; exits 1 and names the files that are stale, or what the lint found.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { lintContracts } from "../packages/bus/src/signal/lint-contracts.ts";
import { createContracts } from "../packages/bus/src/signal/contract-set.ts";
import { generatedFiles } from "./generate/files.ts";
import { readCatalogue } from "./generate/catalogue.ts";
import { ROOT } from "./generate/root.ts";

const isCheck = process.argv.includes("--check");
const catalogue = readCatalogue();
const findings = lintContracts(createContracts(catalogue.contracts, catalogue.daemons, {}));
for (const finding of findings) console.error(`contract lint: ${finding.signal}: ${finding.message}`);

const stale: string[] = [];
for (const { file, text } of await generatedFiles(catalogue)) {
  if (textOf(file) === text) continue;
  stale.push(relative(ROOT, file));
  if (isCheck) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
for (const file of stale)
  console.error(isCheck ? `stale: ${file}; run npm run generate` : `written: ${file}`);
process.exitCode = findings.length > 0 || (isCheck && stale.length > 0) ? 1 : 0;

function textOf(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
