/** Functions and classes of TypeScript and JavaScript as findings, however they are written down. */
import type { Node } from "@vscode/tree-sitter-wasm";
import type { ClassFinding, FunctionFinding } from "../findings.ts";
import { childrenOf, childrenWithComments, field, lineOf, onOneLine, textOf } from "../syntax-tree.ts";
import { jsdocText } from "./jsdoc.ts";

const FUNCTIONS: ReadonlySet<string> = new Set([
  "function_declaration",
  "generator_function_declaration",
  "function_signature",
  "function_expression",
  "generator_function",
  "arrow_function",
]);
const CLASSES: ReadonlySet<string> = new Set(["class_declaration", "abstract_class_declaration", "class"]);
const METHODS: ReadonlySet<string> = new Set([
  "method_definition",
  "method_signature",
  "abstract_method_signature",
]);
const FIELDS: ReadonlySet<string> = new Set(["public_field_definition", "field_definition"]);
const METHOD_WORDS: ReadonlySet<string> = new Set(["static", "get", "set", "*"]);

export function isFunction(node: Node): boolean {
  return FUNCTIONS.has(node.type);
}

export function isClass(node: Node): boolean {
  return CLASSES.has(node.type);
}

export interface Described {
  readonly name: string;
  readonly line: number;
  readonly doc: string | null;
  readonly decorators?: readonly string[];
}

export function functionFinding(node: Node, described: Described): FunctionFinding {
  const list = field(node, "parameters") ?? field(node, "parameter");
  const single = list?.type === "identifier" ? [list] : undefined;
  const parameters = (single ?? (list ? childrenOf(list) : [])).map((parameter) => textOf(parameter));
  const returns = textOf(field(node, "return_type")).replace(/^:\s*/, "") || null;
  const words = node.children
    .filter((child) => child !== null && !child.isNamed)
    .map((child) => child?.type ?? "");
  const async = words.includes("async");
  const head = METHODS.has(node.type)
    ? words.filter((word) => METHOD_WORDS.has(word)).map((word) => `${word} `)
    : [words.includes("*") ? "function* " : "function "];
  const result = returns === null ? "" : `: ${returns}`;
  return {
    name: described.name,
    signature: `${async ? "async " : ""}${head.join("")}${described.name}(${parameters.join(", ")})${result}`,
    parameters,
    returns,
    async,
    decorators: described.decorators ?? [],
    doc: described.doc,
    line: described.line,
  };
}

export function classFinding(node: Node, described: Described): ClassFinding {
  const body = field(node, "body");
  return {
    name: described.name,
    bases: basesOf(node),
    decorators: [...(described.decorators ?? []), ...decoratorsOf(node)],
    methods: body ? methodsOf(body) : [],
    doc: described.doc,
    line: described.line,
  };
}

export function decoratorsOf(node: Node): string[] {
  return childrenOf(node)
    .filter((child) => child.type === "decorator")
    .map(decoratorText);
}

/** Name of a member or key: without quotes where it is a string, `[Symbol.iterator]` where it is computed. */
export function memberName(node: Node | undefined): string {
  if (node?.type === "string") return onOneLine(node.text.slice(1, -1));
  return textOf(node);
}

function basesOf(node: Node): string[] {
  const heritage = childrenOf(node).find((child) => child.type === "class_heritage");
  if (!heritage) return [];
  return childrenOf(heritage).flatMap((clause) => {
    if (clause.type === "implements_clause") return childrenOf(clause).map((type) => textOf(type));
    return [textOf(clause).replace(/^extends\s+/, "")];
  });
}

function methodsOf(body: Node): FunctionFinding[] {
  const methods: FunctionFinding[] = [];
  let doc: string | null = null;
  let decorators: string[] = [];
  for (const member of childrenWithComments(body)) {
    if (member.type === "comment") {
      doc = jsdocText(member);
    } else if (member.type === "decorator") {
      decorators.push(decoratorText(member)); // TypeScript's grammar puts it before the member, not into it.
    } else {
      const method = methodOf(member, doc, decorators);
      if (method) methods.push(method);
      doc = null;
      decorators = [];
    }
  }
  return methods;
}

function methodOf(member: Node, doc: string | null, before: readonly string[]): FunctionFinding | undefined {
  const nameNode = field(member, "name") ?? field(member, "property");
  if (!nameNode) return undefined;
  const decorators = [...before, ...decoratorsOf(member)];
  const described = { name: memberName(nameNode), line: lineOf(nameNode), doc, decorators };
  if (METHODS.has(member.type)) return functionFinding(member, described);
  const value = field(member, "value");
  return value && FIELDS.has(member.type) && isFunction(value)
    ? functionFinding(value, described)
    : undefined;
}

function decoratorText(node: Node): string {
  return textOf(node).replace(/^@\s*/, "");
}
