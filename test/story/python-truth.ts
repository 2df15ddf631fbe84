/** What Python's own `ast` finds in files: definitions that nothing but compound statements and classes enclose. */
import { execFileSync } from "node:child_process";

const PROGRAM = `
import ast, json, sys

def definitions(body, prefix):
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield "def", prefix + node.name, node.lineno
        elif isinstance(node, ast.ClassDef):
            yield "class", prefix + node.name, node.lineno
            yield from definitions(node.body, prefix + node.name + ".")
        else:
            for part in ("body", "orelse", "finalbody"):
                inner = getattr(node, part, None)
                yield from definitions(inner, prefix) if isinstance(inner, list) else ()
            for part in ("handlers", "cases"):
                for branch in getattr(node, part, []):
                    yield from definitions(branch.body, prefix)

json.dump({path: list(definitions(ast.parse(open(path, "rb").read()).body, "")) for path in json.load(sys.stdin)}, sys.stdout)
`;

export type Definition = readonly [kind: "def" | "class", name: string, line: number];

/** An interpreter of Python 3.10 or newer and the folder of its standard library; null when there is none. */
export function findPython(): { executable: string; library: string } | null {
  const program = "import sys, os; assert sys.version_info >= (3, 10); print(os.path.dirname(os.__file__))";
  for (const executable of ["/usr/bin/python3", "python3"]) {
    try {
      return { executable, library: execFileSync(executable, ["-c", program], { encoding: "utf8" }).trim() };
    } catch {
      // Not this one; the next is tried.
    }
  }
  return null;
}

export function pythonDefinitions(
  executable: string,
  files: readonly string[],
): Readonly<Record<string, readonly Definition[]>> {
  const output = execFileSync(executable, ["-c", PROGRAM], {
    input: JSON.stringify(files),
    maxBuffer: 2 ** 28,
  });
  return JSON.parse(output.toString()) as Record<string, Definition[]>;
}
