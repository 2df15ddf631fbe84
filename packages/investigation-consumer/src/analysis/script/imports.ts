/** Imports of a TypeScript or JavaScript file, wherever they stand: `import`, `export … from`, `require`, `import()`. */
import type { Node } from "@vscode/tree-sitter-wasm";
import type { ImportStatement } from "../findings.ts";
import { childrenOf, field, lineOf, onOneLine, textOf } from "../syntax-tree.ts";
import { memberName } from "./callables.ts";

const TEST_CALLS: ReadonlySet<string> = new Set(["it", "test"]);

export interface ScriptCalls {
  readonly imports: ImportStatement[];
  /** Calls of `it` and `test`. */
  readonly testCases: number;
}

export function scriptImports(root: Node): ScriptCalls {
  const imports: ImportStatement[] = [];
  let testCases = 0;
  for (const node of root.descendantsOfType(["import_statement", "export_statement", "call_expression"])) {
    if (!node) continue;
    if (node.type === "call_expression") {
      const callee = field(node, "function");
      if (callee?.type === "import" || callee?.text === "require") imports.push(...fromCall(node));
      else if (callee?.type === "identifier" && TEST_CALLS.has(callee.text)) testCases++;
    } else {
      imports.push(...fromStatement(node));
    }
  }
  return { imports, testCases };
}

function fromStatement(node: Node): ImportStatement[] {
  const clauses = childrenOf(node);
  const required = clauses.find((clause) => clause.type === "import_require_clause");
  const source = field(required ?? node, "source");
  if (!source) return [];
  return [
    { specifier: memberName(source), names: required ? [] : clauses.flatMap(namesOf), line: lineOf(node) },
  ];
}

function namesOf(clause: Node): string[] {
  switch (clause.type) {
    case "import_clause":
      return childrenOf(clause).flatMap((part) => (part.type === "identifier" ? ["default"] : namesOf(part)));
    case "named_imports":
    case "export_clause":
      return childrenOf(clause).map((specifier) => memberName(field(specifier, "name")));
    case "namespace_import":
    case "namespace_export":
      return ["*"];
    default:
      return [];
  }
}

function fromCall(node: Node): ImportStatement[] {
  const argument = childrenOf(node.childForFieldName("arguments") ?? node)[0];
  if (argument?.type !== "string") return [];
  return [
    { specifier: onOneLine(argument.text.slice(1, -1)), names: destructured(node), line: lineOf(node) },
  ];
}

/** `const { a, b: c } = require("x")` takes `a` and `b`. */
function destructured(call: Node): string[] {
  const holder = call.parent?.type === "await_expression" ? call.parent.parent : call.parent;
  const pattern = holder?.type === "variable_declarator" ? field(holder, "name") : undefined;
  if (pattern?.type !== "object_pattern") return [];
  return childrenOf(pattern).map((part) => textOf(field(part, "key") ?? part));
}
