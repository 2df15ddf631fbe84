/**
 * Functions, classes, methods and types of a TypeScript or JavaScript module.
 *
 * Which nesting counts: a definition counts when nothing but blocks and control statements stands between it and the
 * module; namespaces and `declare module` qualify its name (`Space.f`). A constant that holds a function or a class
 * is one, under the constant's name; so is a dotted name that a top-level statement assigns one to, and a member of
 * the object given to `module.exports`. Class fields that hold functions are methods. Overloads and `declare`d
 * signatures are listed each. What lies inside a function is that function's own business.
 */
import type { Node } from "@vscode/tree-sitter-wasm";
import type { ClassFinding, FunctionFinding } from "../findings.ts";
import { childrenOf, childrenWithComments, field, lineOf, MAX_NESTING, textOf } from "../syntax-tree.ts";
import { assignmentChain, exportedMember, isExportsObject, membersOf } from "./assignments.ts";
import {
  classFinding,
  decoratorsOf,
  type Described,
  functionFinding,
  isClass,
  isFunction,
  memberName,
} from "./callables.ts";
import { jsdocText } from "./jsdoc.ts";

const TRANSPARENT: ReadonlySet<string> = new Set([
  "ambient_declaration",
  "statement_block",
  "if_statement",
  "else_clause",
  "try_statement",
  "catch_clause",
  "finally_clause",
  "for_statement",
  "for_in_statement",
  "while_statement",
  "do_statement",
  "switch_statement",
  "switch_body",
  "switch_case",
  "switch_default",
  "labeled_statement",
  "with_statement",
  "ERROR", // What the parser could not place may still hold whole definitions.
]);
const TYPES: ReadonlySet<string> = new Set([
  "interface_declaration",
  "type_alias_declaration",
  "enum_declaration",
]);
const NAMESPACES: ReadonlySet<string> = new Set(["internal_module", "module"]);

interface Scope {
  readonly functions: FunctionFinding[];
  readonly classes: ClassFinding[];
  readonly types: string[];
}

/** What stands around a definition: enclosing namespaces, its doc, decorators before `export`. */
interface Around {
  readonly prefix: string;
  readonly doc: string | null;
  readonly decorators: readonly string[];
  readonly depth: number;
}

export function scriptDefinitions(root: Node): Scope {
  const scope: Scope = { functions: [], classes: [], types: [] };
  visitBody(root, scope, "", 0);
  return scope;
}

function visitBody(body: Node, scope: Scope, prefix: string, depth: number): void {
  if (depth > MAX_NESTING) return;
  let doc: string | null = null;
  for (const node of childrenWithComments(body)) {
    if (node.type === "comment") {
      doc = jsdocText(node);
      continue;
    }
    visit(node, scope, { prefix, doc, decorators: [], depth });
    doc = null;
  }
}

function visit(node: Node, scope: Scope, around: Around): void {
  if (node.type === "export_statement") visitExport(node, scope, around);
  else if (isFunction(node) || isClass(node)) define(node, field(node, "name"), "default", scope, around);
  else if (TYPES.has(node.type)) scope.types.push(around.prefix + textOf(field(node, "name")));
  else if (node.type === "lexical_declaration" || node.type === "variable_declaration")
    visitVariables(node, scope, around);
  else if (node.type === "expression_statement") visitExpression(node, scope, around);
  else if (NAMESPACES.has(node.type)) visitNamespace(node, scope, around);
  else if (TRANSPARENT.has(node.type)) visitBody(node, scope, around.prefix, around.depth + 1);
}

function visitExport(node: Node, scope: Scope, around: Around): void {
  const inner = field(node, "declaration") ?? field(node, "value");
  if (inner) visit(inner, scope, { ...around, decorators: decoratorsOf(node) });
}

function visitVariables(node: Node, scope: Scope, around: Around): void {
  for (const declarator of childrenOf(node)) {
    const nameNode = field(declarator, "name");
    const value = field(declarator, "value");
    if (nameNode?.type === "identifier" && value)
      define(assignmentChain(value).value, nameNode, "", scope, around);
  }
}

function visitNamespace(node: Node, scope: Scope, around: Around): void {
  const body = field(node, "body");
  const name = memberName(field(node, "name"));
  if (body) visitBody(body, scope, `${around.prefix}${name}.`, around.depth + 1);
}

function visitExpression(node: Node, scope: Scope, around: Around): void {
  const expression = childrenOf(node)[0];
  if (!expression) return;
  if (NAMESPACES.has(expression.type)) {
    visitNamespace(expression, scope, around);
    return;
  }
  const { targets, value } = assignmentChain(expression);
  const target = targets[0];
  if (target === undefined) return;
  if (targets.some(isExportsObject)) visitExportsObject(value, scope, around);
  else
    define(value, undefined, exportedMember(target) ?? target, scope, {
      ...around,
      line: lineOf(expression),
    });
}

/** `module.exports = function name() {}` or `= { f, g() {} }` */
function visitExportsObject(value: Node, scope: Scope, around: Around): void {
  if (value.type !== "object") {
    define(value, field(value, "name"), "default", scope, around);
    return;
  }
  for (const member of membersOf(value)) {
    if (member.value.type !== "method_definition")
      define(member.value, member.keyNode, "", scope, { ...around, doc: null });
    else {
      const described = { name: around.prefix + member.key, line: lineOf(member.keyNode), doc: null };
      scope.functions.push(functionFinding(member.value, described));
    }
  }
}

function define(
  value: Node,
  nameNode: Node | undefined,
  fallbackName: string,
  scope: Scope,
  around: Around & { readonly line?: number },
): void {
  const described: Described = {
    name: around.prefix + (nameNode ? memberName(nameNode) : fallbackName),
    line: around.line ?? lineOf(nameNode ?? value),
    doc: around.doc,
    decorators: around.decorators,
  };
  if (isFunction(value)) scope.functions.push(functionFinding(value, described));
  else if (isClass(value)) scope.classes.push(classFinding(value, described));
}
