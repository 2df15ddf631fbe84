/** JSDoc: the comment that stands right before what it describes. */
import type { Node } from "@vscode/tree-sitter-wasm";
import { childrenWithComments, firstParagraph, lineOf } from "../syntax-tree.ts";

const LICENCE = /@licen[cs]e|copyright/i;

/** First paragraph of a JSDoc comment, tags left out; null for any other node. */
export function jsdocText(comment: Node | undefined): string | null {
  if (comment?.type !== "comment" || !comment.text.startsWith("/**")) return null;
  const lines = comment.text
    .slice(3, -2)
    .split("\n")
    .map((line) => line.replace(/^\s*\*? ?/, ""));
  const firstTag = lines.findIndex((line) => /^\s*@\w/.test(line));
  return firstParagraph((firstTag === -1 ? lines : lines.slice(0, firstTag)).join("\n"));
}

/** The comment that opens a file and describes the file, not its first declaration. */
export function fileDocOf(root: Node): string | null {
  const [first, second] = childrenWithComments(root).filter((node) => node.type !== "hash_bang_line");
  if (first?.type !== "comment" || LICENCE.test(first.text)) return null;
  const apart = !second || lineOf(second) - (first.endPosition.row + 1) > 1;
  return apart || second.type === "comment" || second.type === "import_statement" ? jsdocText(first) : null;
}
