/** A real python3, asked many questions in one run. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

const PYTHON = "/usr/bin/python3";

export const hasPython = existsSync(PYTHON);

const PROGRAM = `
import base64, json, sys
answers = []
for line in sys.stdin:
    text = base64.b64decode(line).decode("utf-8")
    answers.append(json.dumps(json.loads(text), indent=2))
print(json.dumps(answers))
`;

/** `json.dumps(json.loads(text), indent=2)` of each text. */
export function pythonReprints(texts: readonly string[]): string[] {
  const input = texts.map((text) => Buffer.from(text).toString("base64")).join("\n");
  const output = execFileSync(PYTHON, ["-c", PROGRAM], { input, encoding: "utf8", maxBuffer: 1 << 28 });
  return JSON.parse(output) as string[];
}
