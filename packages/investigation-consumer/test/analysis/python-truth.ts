/** What Python's own `ast` finds in a file, by the same rule as ours: see src/analysis/python/definitions.ts. */
import { execFileSync } from "node:child_process";

const PROGRAM = `
import ast, json, sys
COMPOUND = (ast.If, ast.Try, ast.With, ast.AsyncWith, ast.For, ast.AsyncFor, ast.While, ast.Match) + (
    (ast.TryStar,) if hasattr(ast, "TryStar") else ())
def visit(body, prefix, found):
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.append(["def", prefix + node.name, node.lineno, isinstance(node, ast.AsyncFunctionDef),
                          len(node.decorator_list), ast.get_docstring(node) is not None, node.returns is not None])
        elif isinstance(node, ast.ClassDef):
            found.append(["class", prefix + node.name, node.lineno, False,
                          len(node.decorator_list), ast.get_docstring(node) is not None, False])
            visit(node.body, prefix + node.name + ".", found)
        elif isinstance(node, COMPOUND):
            for part in ("body", "orelse", "finalbody"):
                visit(getattr(node, part, []), prefix, found)
            for part in ("handlers", "cases"):
                for branch in getattr(node, part, []):
                    visit(branch.body, prefix, found)
result = {}
for path in json.load(sys.stdin):
    with open(path, "rb") as file:
        tree = ast.parse(file.read())
    found = []
    visit(tree.body, "", found)
    imports = sorted({alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
                     | {"." * node.level + (node.module or "") for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)})
    result[path] = {"definitions": found, "imports": imports, "doc": ast.get_docstring(tree) is not None}
json.dump(result, sys.stdout)
`;

/** kind, qualified name, line, async, number of decorators, has a docstring, has a return annotation */
export type Definition = [
  kind: "def" | "class",
  name: string,
  line: number,
  boolean,
  number,
  boolean,
  boolean,
];

export interface Truth {
  definitions: Definition[];
  imports: string[];
  doc: boolean;
}

/** Path of a Python 3.10 or newer with its standard library, or null. */
export function findPython(): { executable: string; library: string } | null {
  for (const executable of ["/usr/bin/python3", "python3"]) {
    try {
      const program =
        "import sys, os; assert sys.version_info >= (3, 10); print(os.path.dirname(os.__file__))";
      return { executable, library: execFileSync(executable, ["-c", program], { encoding: "utf8" }).trim() };
    } catch {
      // Not this one.
    }
  }
  return null;
}

export function pythonTruth(executable: string, files: readonly string[]): Record<string, Truth> {
  const output = execFileSync(executable, ["-c", PROGRAM], {
    input: JSON.stringify(files),
    maxBuffer: 2 ** 28,
  });
  return JSON.parse(output.toString()) as Record<string, Truth>;
}
