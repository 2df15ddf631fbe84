/** What a TypeScript or JavaScript module exports, by `export` or by CommonJS, as far as it is written out. */
import type { Node } from "@vscode/tree-sitter-wasm";
import { childrenOf, field, textOf } from "../syntax-tree.ts";
import { assignmentChain, exportedMember, isExportsObject, membersOf } from "./assignments.ts";
import { memberName } from "./callables.ts";

export interface ModuleExports {
  /** null: it exports nothing. `*`: names of another module that are not known here. */
  readonly names: string[] | null;
  readonly aliases: (readonly [local: string, exported: string])[];
}

class Collected {
  readonly names = new Set<string>();
  readonly aliases: (readonly [string, string])[] = [];

  add(exported: string, local?: string): void {
    if (exported === "") return;
    this.names.add(exported);
    if (local !== undefined && local !== "" && local !== exported) this.aliases.push([local, exported]);
  }
}

export function scriptExports(root: Node): ModuleExports {
  const collected = new Collected();
  for (const statement of childrenOf(root)) {
    if (statement.type === "export_statement") fromExport(statement, collected);
    else if (statement.type === "expression_statement") fromExpression(childrenOf(statement)[0], collected);
    else if (statement.type.endsWith("_declaration")) fromVariables(statement, collected);
  }
  return { names: collected.names.size > 0 ? [...collected.names] : null, aliases: collected.aliases };
}

function fromExport(statement: Node, collected: Collected): void {
  const declaration = field(statement, "declaration");
  const value = field(statement, "value");
  const isDefault = statement.children.some((child) => child?.type === "default");
  if (declaration) {
    for (const name of declaredNames(declaration)) collected.add(isDefault ? "default" : name, name);
    if (isDefault) collected.add("default");
  } else if (value) {
    collected.add("default", value.type === "identifier" ? value.text : undefined);
  } else {
    fromClauses(statement, collected);
  }
}

function fromClauses(statement: Node, collected: Collected): void {
  const elsewhere = field(statement, "source") !== undefined;
  const clauses = childrenOf(statement);
  for (const clause of clauses) {
    if (clause.type === "namespace_export") collected.add(textOf(childrenOf(clause)[0]));
    if (clause.type === "identifier") collected.add("default", clause.text); // export = name
    if (clause.type !== "export_clause") continue;
    for (const specifier of childrenOf(clause)) {
      const name = memberName(field(specifier, "name"));
      const alias = field(specifier, "alias");
      collected.add(alias ? memberName(alias) : name, elsewhere ? undefined : name);
    }
  }
  if (elsewhere && clauses.every((clause) => clause.type === "string")) collected.add("*");
}

function declaredNames(declaration: Node): string[] {
  if (declaration.type === "lexical_declaration" || declaration.type === "variable_declaration") {
    return childrenOf(declaration).flatMap((declarator) => boundNames(field(declarator, "name")));
  }
  const inner = declaration.type === "ambient_declaration" ? childrenOf(declaration)[0] : undefined;
  return inner ? declaredNames(inner) : [memberName(field(declaration, "name"))];
}

function boundNames(pattern: Node | undefined): string[] {
  if (!pattern) return [];
  if (pattern.type === "identifier") return [pattern.text];
  const names = pattern.descendantsOfType(["identifier", "shorthand_property_identifier_pattern"]);
  return names.map((name) => name?.text ?? "");
}

function fromVariables(declaration: Node, collected: Collected): void {
  for (const declarator of childrenOf(declaration)) {
    const value = declarator.type === "variable_declarator" ? field(declarator, "value") : undefined;
    if (value?.type === "assignment_expression")
      fromExpression(value, collected, textOf(field(declarator, "name")));
  }
}

function fromExpression(expression: Node | undefined, collected: Collected, local?: string): void {
  if (!expression) return;
  if (expression.type === "call_expression") fromDefineProperty(expression, collected);
  if (expression.type === "sequence_expression") {
    for (const part of childrenOf(expression)) fromExpression(part, collected);
  }
  const { targets, value } = assignmentChain(expression);
  for (const target of targets) {
    const member = exportedMember(target);
    const source = value.type === "identifier" ? value.text : local;
    if (member !== undefined) collected.add(member, source);
    else if (isExportsObject(target)) fromExportsObject(value, collected, source);
  }
}

function fromExportsObject(value: Node, collected: Collected, source: string | undefined): void {
  if (value.type === "object") {
    for (const { key, value: member } of membersOf(value)) {
      collected.add(key, member.type === "identifier" ? member.text : undefined);
    }
    if (childrenOf(value).some((child) => child.type === "spread_element")) collected.add("*");
  } else if (value.type === "call_expression" && field(value, "function")?.text === "require") {
    collected.add("*");
  } else if (value.text !== "exports" && value.text !== "module.exports") {
    collected.add("default", source);
  }
}

/** `Object.defineProperty(exports, "name", …)`, as compilers write it. */
function fromDefineProperty(call: Node, collected: Collected): void {
  if (field(call, "function")?.text !== "Object.defineProperty") return;
  const [object, name] = childrenOf(call.childForFieldName("arguments") ?? call);
  if (!object || !isExportsObject(object.text) || name?.type !== "string") return;
  const exported = memberName(name);
  if (exported !== "__esModule") collected.add(exported);
}
