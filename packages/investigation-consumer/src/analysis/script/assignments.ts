/**
 * CommonJS and prototype style: what top-level assignments define (`exports.f = function…`, `A.prototype.m = …`,
 * `module.exports = { f() {} }`).
 */
import type { Node } from "@vscode/tree-sitter-wasm";
import { childrenOf, field } from "../syntax-tree.ts";
import { memberName } from "./callables.ts";

const DOTTED = /^[\w$]+(\.[\w$]+)*$/;
const EXPORTS = /^(module\.)?exports$/;
const EXPORTED_MEMBER = /^(module\.)?exports\.(.+)$/;

export interface Assignment {
  /** Left sides from the outside in: `a = b = value` has two. Those that are no dotted name are left out. */
  readonly targets: readonly string[];
  readonly value: Node;
}

/** The chain `a = b = value` as one; a node that is no assignment is its own value. */
export function assignmentChain(node: Node): Assignment {
  const targets: string[] = [];
  let value = node;
  for (
    let right = field(value, "right");
    value.type === "assignment_expression" && right;
    right = field(value, "right")
  ) {
    const left = field(value, "left")?.text.replace(/\s+/g, "") ?? "";
    if (DOTTED.test(left) && !left.startsWith("this.")) targets.push(left);
    value = right;
  }
  return { targets, value };
}

/** `exports`, `module.exports` */
export function isExportsObject(target: string): boolean {
  return EXPORTS.test(target);
}

/** `exports.name`, `module.exports.name` → `name` */
export function exportedMember(target: string): string | undefined {
  return EXPORTED_MEMBER.exec(target)?.[2];
}

export interface Member {
  readonly key: string;
  readonly keyNode: Node;
  /** The function, class, identifier or expression behind the key. */
  readonly value: Node;
}

/** Members of an object literal; spreads and computed keys are left out. */
export function membersOf(object: Node): Member[] {
  return childrenOf(object).flatMap((child): Member[] => {
    if (child.type === "shorthand_property_identifier")
      return [{ key: child.text, keyNode: child, value: child }];
    const keyNode = field(child, "key") ?? field(child, "name");
    if (!keyNode || keyNode.type === "computed_property_name") return [];
    return [{ key: memberName(keyNode), keyNode, value: field(child, "value") ?? child }];
  });
}
