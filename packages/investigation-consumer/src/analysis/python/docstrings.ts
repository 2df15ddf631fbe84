/** Python docstrings: the string that is the first statement of a module, class or function. */
import type { Node } from "@vscode/tree-sitter-wasm";
import { childrenOf, firstParagraph } from "../syntax-tree.ts";

/** First paragraph of the docstring of a `module` or `block` node. */
export function docstringOf(body: Node | undefined): string | null {
  const first = body ? childrenOf(body)[0] : undefined;
  if (first?.type !== "expression_statement") return null;
  const expressions = childrenOf(first);
  const value = expressions.length === 1 && expressions[0] ? stringValue(expressions[0]) : undefined;
  return value === undefined ? null : firstParagraph(value);
}

/** Text of a plain string literal (adjacent ones joined); undefined for f-strings, bytes and all else. */
export function stringValue(node: Node): string | undefined {
  if (node.type === "concatenated_string") {
    const parts = childrenOf(node).map(stringValue);
    return parts.every((part) => part !== undefined) ? parts.join("") : undefined;
  }
  if (node.type !== "string") return undefined;
  const parts = childrenOf(node);
  const prefix = parts[0]?.type === "string_start" ? parts[0].text : "";
  if (/[fbt]/i.test(prefix)) return undefined;
  return parts
    .filter((part) => part.type === "string_content")
    .map((part) => part.text)
    .join("");
}
