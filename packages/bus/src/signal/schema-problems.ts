/** Whether the schema of a contract's facts is one: asked before anybody depends on it. */
import type { Contracts } from "./contract.ts";
import { ContractFileError, type ContractFileProblem } from "./errors.ts";

/** What is wrong with the schema of `name`, each with its place in the file; empty when it can be used. Compiles it. */
export function schemaProblems(name: string, contracts: Contracts): readonly ContractFileProblem[] {
  try {
    contracts.problemsIn(name, {});
    return [];
  } catch (cause) {
    if (cause instanceof ContractFileError) return cause.problems;
    throw cause;
  }
}
