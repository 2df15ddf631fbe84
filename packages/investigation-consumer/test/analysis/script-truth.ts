/** What TypeScript's own compiler finds in a file, by the same rule as ours: see src/analysis/script/definitions.ts. */
import ts from "typescript";

/** kind, qualified name, line of the name */
export type Definition = [kind: "def" | "class", name: string, line: number];

export interface Truth {
  definitions: Definition[];
  /** `import`, `export … from`; not `require`. */
  imports: string[];
  /** Errors that the parser reports. */
  errors: number;
}

export function scriptTruth(file: string, text: string): Truth {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Definition[] = [];
  const line = (node: ts.Node) => source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
  const collector = { found, line, source };
  for (const statement of source.statements) visit(statement, "", collector);
  const imports = source.statements
    .filter((node) => ts.isImportDeclaration(node) || ts.isExportDeclaration(node))
    .map((node) => node.moduleSpecifier)
    .filter((node) => node !== undefined && ts.isStringLiteral(node))
    .map((node) => node.text);
  const errors = (source as unknown as { parseDiagnostics: unknown[] }).parseDiagnostics.length;
  return { definitions: found, imports, errors };
}

interface Collector {
  found: Definition[];
  line: (node: ts.Node) => number;
  source: ts.SourceFile;
}

function visit(node: ts.Node, prefix: string, to: Collector): void {
  if (ts.isFunctionDeclaration(node)) add("def", node, prefix, to, node.name);
  else if (ts.isClassDeclaration(node)) add("class", node, prefix, to, node.name);
  else if (ts.isExportAssignment(node)) define(node.expression, undefined, "default", prefix, to);
  else if (ts.isVariableStatement(node)) {
    for (const declaration of node.declarationList.declarations) {
      if (ts.isIdentifier(declaration.name) && declaration.initializer) {
        define(chain(declaration.initializer).value, declaration.name, "", prefix, to);
      }
    }
  } else if (ts.isExpressionStatement(node)) visitExpression(node.expression, prefix, to);
  else if (ts.isModuleDeclaration(node)) {
    const global = (node.flags & ts.NodeFlags.GlobalAugmentation) !== 0;
    if (node.body) visit(node.body, global ? prefix : `${prefix}${node.name.text}.`, to);
  } else if (isTransparent(node)) ts.forEachChild(node, (child) => visit(child, prefix, to));
}

function isTransparent(node: ts.Node): boolean {
  return (
    ts.isModuleBlock(node) ||
    ts.isBlock(node) ||
    ts.isIfStatement(node) ||
    ts.isTryStatement(node) ||
    ts.isCatchClause(node) ||
    ts.isIterationStatement(node, false) ||
    ts.isSwitchStatement(node) ||
    ts.isCaseBlock(node) ||
    ts.isCaseOrDefaultClause(node) ||
    ts.isLabeledStatement(node)
  );
}

function visitExpression(expression: ts.Expression, prefix: string, to: Collector): void {
  const { targets, value } = chain(expression);
  const target = targets[0];
  if (target === undefined) return;
  if (!targets.some((each) => /^(module\.)?exports$/.test(each))) {
    define(value, undefined, target.replace(/^(module\.)?exports\./, ""), prefix, to, to.line(expression));
  } else if (!ts.isObjectLiteralExpression(value)) {
    define(value, (value as ts.FunctionExpression).name, "default", prefix, to);
  } else {
    for (const member of value.properties) {
      if (!member.name || ts.isComputedPropertyName(member.name)) continue;
      if (ts.isPropertyAssignment(member)) define(member.initializer, member.name, "", prefix, to);
      else if (!ts.isShorthandPropertyAssignment(member))
        to.found.push(["def", prefix + nameOf(member.name, to), to.line(member.name)]);
    }
  }
}

function chain(expression: ts.Expression): { targets: string[]; value: ts.Expression } {
  const targets: string[] = [];
  let value = expression;
  while (ts.isBinaryExpression(value) && value.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
    const left = value.left.getText().replace(/\s+/g, "");
    if (/^[\w$]+(\.[\w$]+)*$/.test(left) && !left.startsWith("this.")) targets.push(left);
    value = value.right;
  }
  return { targets, value };
}

function define(
  value: ts.Node,
  name: ts.Node | undefined,
  fallback: string,
  prefix: string,
  to: Collector,
  line?: number,
): void {
  if (ts.isFunctionExpression(value) || ts.isArrowFunction(value))
    add("def", value, prefix, to, name, fallback, line);
  else if (ts.isClassExpression(value)) add("class", value, prefix, to, name, fallback, line);
}

function add(
  kind: "def" | "class",
  node: ts.Node,
  prefix: string,
  to: Collector,
  name?: ts.Node,
  fallback = "default",
  line?: number,
): void {
  const own = prefix + (name ? nameOf(name, to) : fallback);
  to.found.push([kind, own, line ?? to.line(name ?? keywordOf(node, to))]);
  if (!ts.isClassLike(node)) return;
  for (const member of node.members) {
    const holdsFunction =
      ts.isPropertyDeclaration(member) &&
      member.initializer &&
      (ts.isFunctionExpression(member.initializer) || ts.isArrowFunction(member.initializer));
    if (ts.isConstructorDeclaration(member))
      to.found.push(["def", `${own}.constructor`, constructorLine(member, to)]);
    else if (ts.isMethodDeclaration(member) || ts.isAccessor(member) || holdsFunction) {
      to.found.push(["def", `${own}.${nameOf(member.name, to)}`, to.line(member.name)]);
    }
  }
}

/** An unnamed `export default function () {}` begins at `function`, not at `export`. */
function keywordOf(node: ts.Node, to: Collector): ts.Node {
  const modifiers = ts.canHaveModifiers(node) ? ts.getModifiers(node) : undefined;
  const last = modifiers?.filter((each) => each.kind !== ts.SyntaxKind.AsyncKeyword).at(-1);
  return last ? (node.getChildren(to.source).find((child) => child.pos >= last.end) ?? node) : node;
}

function constructorLine(member: ts.ConstructorDeclaration, to: Collector): number {
  const keyword = member
    .getChildren(to.source)
    .find((child) => child.kind === ts.SyntaxKind.ConstructorKeyword);
  return to.line(keyword ?? member);
}

function nameOf(name: ts.Node, to: Collector): string {
  return ts.isStringLiteral(name) ? name.text : name.getText(to.source).replace(/\s+/g, " ");
}
