/** Validates one example of each contract, then tells whether ajv's compiler was loaded for it. */
import { createRequire } from "node:module";
import { loadContracts } from "../../../dist/signal/load-contracts.js";

const contracts = loadContracts();
const valid = contracts.names.every((name) => {
  const { examples } = contracts.get(name).schema;
  return (
    contracts.problemsOut(name, examples[0]).length === 0 &&
    contracts.problemsIn(name, examples[0]).length === 0
  );
});
const loaded = Object.keys(createRequire(import.meta.url).cache);
process.stdout.write(
  JSON.stringify({ valid, ajvCore: loaded.some((file) => /ajv\/dist\/(core|2020)\.js$/.test(file)) }),
);
