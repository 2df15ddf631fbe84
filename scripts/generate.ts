/**
 * `npm run generate`: writes everything that follows from schemas/ and from the error classes.
 * `npm run generate -- --check`: writes nothing. Both exit 1 when the contract lint finds something, the check also when a
 * file is stale, and name what it was.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { createContracts } from "../packages/bus/src/signal/contract-set.ts";
import { lintContracts } from "../packages/bus/src/signal/lint-contracts.ts";
import { readCatalogue } from "./generate/catalogue.ts";
import { generatedFiles } from "./generate/files.ts";
import { ROOT } from "./generate/root.ts";
import { staleFiles } from "./generate/stale-files.ts";

const isCheck = process.argv.includes("--check");
const catalogue = readCatalogue();

const findings = lintContracts(createContracts(catalogue.contracts, catalogue.daemons, {}));
for (const { signal, pointer, message, remedy } of findings)
  console.error(`contract lint: ${signal}: ${pointer} ${message}; ${remedy}`);

const stale = staleFiles(await generatedFiles(catalogue));
for (const { file, text } of stale) {
  const path = relative(ROOT, file);
  if (isCheck) {
    console.error(`stale: ${path}; run npm run generate`);
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.error(`written: ${path}`);
  }
}
process.exitCode = findings.length > 0 || (isCheck && stale.length > 0) ? 1 : 0;
