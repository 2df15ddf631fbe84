/** Import statements of a Python file, wherever they stand: also those in functions and under conditions. */
import type { Node } from "@vscode/tree-sitter-wasm";
import type { ImportStatement } from "../findings.ts";
import { childrenOf, field, lineOf, textOf } from "../syntax-tree.ts";

const KINDS = ["import_statement", "import_from_statement", "future_import_statement"];

/** In order of appearance. */
export function pythonImports(root: Node): ImportStatement[] {
  return root.descendantsOfType(KINDS).flatMap((node) => (node ? importsOf(node) : []));
}

function importsOf(node: Node): ImportStatement[] {
  const line = lineOf(node);
  if (node.type === "import_statement") {
    return importedNames(node).map((specifier) => ({ specifier, names: [], line }));
  }
  const source = node.type === "future_import_statement" ? "__future__" : compact(field(node, "module_name"));
  const wildcard = childrenOf(node).some((child) => child.type === "wildcard_import");
  return [{ specifier: source, names: wildcard ? ["*"] : importedNames(node), line }];
}

function importedNames(node: Node): string[] {
  return node
    .childrenForFieldName("name")
    .map((name) => compact(name?.type === "aliased_import" ? field(name, "name") : (name ?? undefined)))
    .filter((name) => name !== "");
}

/** `a . b` is `a.b`. */
function compact(node: Node | undefined): string {
  return textOf(node).replaceAll(" ", "");
}
