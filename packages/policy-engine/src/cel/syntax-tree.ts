/** A walk over CEL's syntax tree, macros included. Pure. */
import type { ASTNode } from "@marcbachmann/cel-js";

/** Every node, the root first. */
export function* nodesOf(root: ASTNode): Generator<ASTNode> {
  const open: unknown[] = [root];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (Array.isArray(next)) open.push(...(next as unknown[]));
    else if (isNode(next)) {
      yield next;
      open.push(next.args);
    }
  }
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === "object" && value !== null && "op" in value && "args" in value;
}
