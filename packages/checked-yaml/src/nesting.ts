/**
 * How deeply a text is nested, found without recursion. The parser composes its nodes recursively, and a stack that runs
 * out inside a regular expression ends the whole process; so nothing deep may come near it.
 */
import { Parser } from "yaml";

/** Files that people write have ten levels or so. */
const MAX_NESTING = 100;

interface Token {
  readonly value?: Token | null;
  readonly items?: readonly { readonly key?: Token | null; readonly value?: Token }[];
}

export function isNestedTooDeeply(text: string): boolean {
  const open: [Token | null | undefined, number][] = [];
  for (const token of new Parser().parse(text)) open.push([token as Token, 0]);
  for (let next = open.pop(); next; next = open.pop()) {
    const [token, depth] = next;
    if (depth > MAX_NESTING) return true;
    if (!token) continue;
    if (token.items)
      for (const { key, value } of token.items) open.push([key, depth + 1], [value, depth + 1]);
    else if (typeof token.value === "object") open.push([token.value, depth]);
  }
  return false;
}
