/** `main.js check <file> [contract folder…]`: checks a policies file without a mesh, for the commands; one line of JSON. */
import { readFileSync } from "node:fs";
import { loadContracts } from "@kloros/bus";
import { readPolicyText } from "./rules/policy-file.ts";

/** The file with its rules' names, or every problem. Throws what the system says where it cannot be read. */
export function checkFile(file: string, contractDirs: readonly string[]): Record<string, unknown> {
  const reading = readPolicyText(
    readFileSync(file, "utf8"),
    file,
    loadContracts({ extraDirs: [...contractDirs] }),
  );
  return reading.kind === "ok"
    ? { file, is_valid: true, rules: reading.rules.policies.rules.map(({ name }) => name), problems: [] }
    : { file, is_valid: false, rules: [], problems: reading.problems };
}
