/** Reading a syntax tree: the few moves that the extractors of all languages share. */
import type { Node } from "@vscode/tree-sitter-wasm";
import type { SyntaxProblem } from "./findings.ts";

/** Deepest nesting of statements that is followed. Python itself stops at 100. */
export const MAX_NESTING = 200;
/** Longest name, parameter, base or annotation that is kept, in characters; the rest is an ellipsis. */
const MAX_TEXT_CHARS = 200;
/** Longest doc paragraph that is kept, in characters. */
const MAX_DOC_CHARS = 400;
/** Syntax errors listed per file; one is enough to call it broken. */
const MAX_SYNTAX_ERRORS = 5;

export function childrenOf(node: Node): Node[] {
  return node.namedChildren.filter((child): child is Node => child !== null && child.type !== "comment");
}

export function childrenWithComments(node: Node): Node[] {
  return node.namedChildren.filter((child): child is Node => child !== null);
}

export function field(node: Node, name: string): Node | undefined {
  return node.childForFieldName(name) ?? undefined;
}

/** 1-based. */
export function lineOf(node: Node): number {
  return node.startPosition.row + 1;
}

/** The node's text on one line, cut to `limit` characters. */
export function textOf(node: Node | undefined, limit = MAX_TEXT_CHARS): string {
  return node ? onOneLine(node.text, limit) : "";
}

export function onOneLine(text: string, limit = MAX_TEXT_CHARS): string {
  const flat = text.replace(/\s+/g, " ").trim();
  return flat.length > limit ? `${flat.slice(0, limit - 1)}…` : flat;
}

/** First paragraph of a doc text; null when it says nothing. */
export function firstParagraph(text: string): string | null {
  const paragraph = text.trim().split(/\n\s*\n/, 1)[0] ?? "";
  return onOneLine(paragraph, MAX_DOC_CHARS) || null;
}

/** Where the parser had to skip or invent something, in order of appearance. Empty for a clean tree. */
export function syntaxProblems(root: Node): SyntaxProblem[] {
  const problems: SyntaxProblem[] = [];
  const pending: Node[] = root.hasError ? [root] : [];
  while (pending.length > 0 && problems.length < MAX_SYNTAX_ERRORS) {
    const node = pending.pop();
    if (node === undefined) break;
    const problem = problemAt(node);
    if (problem) problems.push(problem);
    else pending.push(...node.children.filter((child): child is Node => child?.hasError === true).reverse());
  }
  return problems;
}

function problemAt(node: Node): SyntaxProblem | undefined {
  if (node.isMissing) return { line: lineOf(node), message: `missing ${node.type}` };
  if (node.isError) return { line: lineOf(node), message: `unexpected ${textOf(node, 40) || "end of file"}` };
  return undefined;
}
