/**
 * Functions, classes and methods of a Python module.
 *
 * Which nesting counts: a definition counts when nothing but compound statements (if, try, with, for, while, match)
 * stands between it and the module or class body; so definitions under `if sys.version_info…` or in `try…except
 * ImportError` are found. Classes in classes are found under their qualified name. What lies inside a function is
 * that function's own business. Each definition is listed, also where a name is defined more than once.
 */
import type { Node } from "@vscode/tree-sitter-wasm";
import type { ClassFinding, FunctionFinding } from "../findings.ts";
import { childrenOf, field, lineOf, MAX_NESTING, textOf } from "../syntax-tree.ts";
import { docstringOf } from "./docstrings.ts";

const COMPOUND: ReadonlySet<string> = new Set([
  "if_statement",
  "elif_clause",
  "else_clause",
  "try_statement",
  "except_clause",
  "except_group_clause",
  "finally_clause",
  "with_statement",
  "for_statement",
  "while_statement",
  "match_statement",
  "case_clause",
  "block",
  "ERROR", // What the parser could not place may still hold whole definitions.
]);

interface Scope {
  readonly functions: FunctionFinding[];
  readonly classes: ClassFinding[];
  /** `""` or `Outer.` */
  readonly prefix: string;
}

/** All definitions of a `module` node that count, in order of appearance. */
export function pythonDefinitions(root: Node): { functions: FunctionFinding[]; classes: ClassFinding[] } {
  const scope: Scope = { functions: [], classes: [], prefix: "" };
  visitBody(root, scope, 0);
  return { functions: scope.functions, classes: scope.classes };
}

function visitBody(body: Node, scope: Scope, depth: number): void {
  if (depth > MAX_NESTING) return;
  for (const node of childrenOf(body)) {
    if (node.type === "decorated_definition") visitDecorated(node, scope, depth);
    else if (node.type === "function_definition") scope.functions.push(functionOf(node, []));
    else if (node.type === "class_definition") visitClass(node, [], scope, depth);
    else if (COMPOUND.has(node.type)) visitBody(node, scope, depth + 1);
  }
}

function visitDecorated(node: Node, scope: Scope, depth: number): void {
  const definition = field(node, "definition");
  const decorators = childrenOf(node)
    .filter((child) => child.type === "decorator")
    .map((decorator) => textOf(decorator).replace(/^@\s*/, ""));
  if (definition?.type === "function_definition") scope.functions.push(functionOf(definition, decorators));
  else if (definition?.type === "class_definition") visitClass(definition, decorators, scope, depth);
}

function visitClass(node: Node, decorators: string[], scope: Scope, depth: number): void {
  const name = scope.prefix + textOf(field(node, "name"));
  const body = field(node, "body");
  const superclasses = field(node, "superclasses");
  const inner: Scope = { functions: [], classes: [], prefix: `${name}.` };
  if (body) visitBody(body, inner, depth + 1);
  scope.classes.push(
    {
      name,
      bases: superclasses ? childrenOf(superclasses).map((base) => textOf(base)) : [],
      decorators,
      methods: inner.functions,
      doc: docstringOf(body),
      line: lineOf(node),
    },
    ...inner.classes,
  );
}

function functionOf(node: Node, decorators: string[]): FunctionFinding {
  const name = textOf(field(node, "name"));
  const parameterList = field(node, "parameters");
  const parameters = parameterList ? childrenOf(parameterList).map((parameter) => textOf(parameter)) : [];
  const returns = textOf(field(node, "return_type")) || null;
  const async = node.child(0)?.type === "async";
  const arrow = returns === null ? "" : ` -> ${returns}`;
  return {
    name,
    signature: `${async ? "async " : ""}def ${name}(${parameters.join(", ")})${arrow}`,
    parameters,
    returns,
    async,
    decorators,
    doc: docstringOf(field(node, "body")),
    line: lineOf(node),
  };
}
