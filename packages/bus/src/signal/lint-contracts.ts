import type { Contracts } from "./contract.ts";
export interface LintFinding {
  readonly signal: string;
  readonly message: string;
}
export function lintContracts(_contracts: Contracts): readonly LintFinding[] {
  return [];
}
