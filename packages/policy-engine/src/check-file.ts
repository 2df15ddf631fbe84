/** `main.js check <file> [contract folder…]`: checks a policies file without a mesh, for the commands; one line of JSON. */
import { loadContracts } from "@kloros/bus";
import { readPolicyPath } from "./rules/policy-file.ts";

/** The file with its rules' names, or every problem; a file that cannot be read has that problem. @throws {FileError} */
export function checkFile(file: string, contractDirs: readonly string[]): Record<string, unknown> {
  const reading = readPolicyPath(file, file, loadContracts({ extraDirs: [...contractDirs] }));
  if (reading === null) {
    const problem = { file, line: 1, column: 1, path: "", message: `there is no ${file}` };
    return { file, is_valid: false, rules: [], problems: [problem] };
  }
  return reading.kind === "ok"
    ? { file, is_valid: true, rules: reading.rules.policies.rules.map(({ name }) => name), problems: [] }
    : { file, is_valid: false, rules: [], problems: reading.problems };
}
