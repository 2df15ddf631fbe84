/** What a Python module says of itself at its top level: `__all__`, constants, the `__main__` guard. */
import type { Node } from "@vscode/tree-sitter-wasm";
import { childrenOf, field, textOf } from "../syntax-tree.ts";
import { stringValue } from "./docstrings.ts";

const CONSTANT = /^[A-Z][A-Z0-9_]*$/;

export interface ModuleLevel {
  /** Names in `__all__`, as far as they are written out; null without one. */
  readonly all: string[] | null;
  readonly constants: string[];
  readonly runsAsMain: boolean;
}

export function pythonModuleLevel(root: Node): ModuleLevel {
  let all: string[] | null = null;
  const constants = new Set<string>();
  let runsAsMain = false;
  for (const statement of childrenOf(root)) {
    if (statement.type === "if_statement") runsAsMain ||= isMainGuard(statement);
    if (statement.type !== "expression_statement") continue;
    const expression = childrenOf(statement)[0];
    if (!expression) continue;
    const names = exportedNames(expression);
    if (names) all = [...(all ?? []), ...names];
    for (const name of assignedConstants(expression)) constants.add(name);
  }
  return { all, constants: [...constants], runsAsMain };
}

function isMainGuard(statement: Node): boolean {
  const condition = field(statement, "condition");
  if (condition?.type !== "comparison_operator") return false;
  const parts = childrenOf(condition);
  return (
    parts.some((part) => part.text === "__name__") && parts.some((part) => stringValue(part) === "__main__")
  );
}

function assignedConstants(expression: Node): string[] {
  if (expression.type !== "assignment") return [];
  const left = field(expression, "left");
  const chained = field(expression, "right");
  const own = left?.type === "identifier" && CONSTANT.test(left.text) ? [textOf(left)] : [];
  return chained?.type === "assignment" ? [...own, ...assignedConstants(chained)] : own;
}

/** Names that this statement puts into `__all__`: `=`, `+=`, `.extend(…)`, `.append(…)`. */
function exportedNames(expression: Node): string[] | undefined {
  if (expression.type === "assignment" || expression.type === "augmented_assignment") {
    return field(expression, "left")?.text === "__all__" ? stringsIn(field(expression, "right")) : undefined;
  }
  if (expression.type !== "call") return undefined;
  const callee = field(expression, "function")?.text;
  return callee === "__all__.extend" || callee === "__all__.append"
    ? stringsIn(field(expression, "arguments"))
    : undefined;
}

function stringsIn(node: Node | undefined): string[] {
  if (!node) return [];
  return node
    .descendantsOfType(["string"])
    .map((literal) => (literal ? stringValue(literal) : undefined))
    .filter((value) => value !== undefined);
}
