/** Small readings of parsed YAML: key names, fields seen through aliases and merge keys, where a node's text ends. */
import { type Document, isAlias, isMap, isScalar, isSeq, type Pair, Scalar, type YAMLMap } from "yaml";

/** An alias of an alias of a merge …: deeper than this is no registry. */
const MAX_HOPS = 8;

/** A mapping of the document, whatever its keys and values. */
export type AnyMap = YAMLMap;

/** The key as it is written; complex keys have none. */
export function keyName(pair: Pair): string | null {
  const { key } = pair;
  if (!isScalar(key)) return null;
  return typeof key.value === "string" ? key.value : (key.source ?? null);
}

/** What an alias stands for; any other node itself. */
export function resolved(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

/** The scalar value of a field, also when it comes from a merge key (`<<: *defaults`). */
export function fieldOf(map: AnyMap, name: string, document: Document, hops = 0): unknown {
  const own = map.items.find((pair) => keyName(pair) === name);
  if (own) {
    const value = resolved(own.value, document);
    return isScalar(value) ? value.value : undefined;
  }
  if (hops === MAX_HOPS) return undefined;
  for (const pair of map.items) {
    if (keyName(pair) !== "<<") continue;
    const merged = resolved(pair.value, document);
    for (const source of isSeq(merged) ? merged.items : [merged]) {
      const target = resolved(source, document);
      const found = isMap(target) ? fieldOf(target, name, document, hops + 1) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

export interface TextEnd {
  /** Offset behind the last character that belongs to the node. */
  readonly offset: number;
  /** A block scalar that keeps trailing blank lines (`|+`): blank lines behind it are its content. */
  readonly keepsBlankLines: boolean;
}

/** Where the text of a pair ends, trailing comments and blank lines left out. */
export function endOfPair({ key, value }: Pick<Pair, "key" | "value">, text: string): TextEnd {
  if ((isMap(value) || isSeq(value)) && value.flow !== true) {
    const last = value.items.at(-1);
    if (isMap(value) && last !== undefined) return endOfPair(last as Pair, text);
    if (last !== undefined) return endOfPair({ key: null, value: last }, text);
  }
  if (isBlockScalar(value) && value.range) {
    const [start, end] = value.range;
    const [header = ""] = text.slice(start, end).split("\n", 1);
    if (header.split("#", 1)[0]?.includes("+")) return { offset: end, keepsBlankLines: true };
    return { offset: start + text.slice(start, end).trimEnd().length, keepsBlankLines: false };
  }
  return { offset: Math.max(rangeEnd(key), rangeEnd(value)), keepsBlankLines: false };
}

function isBlockScalar(node: unknown): node is Scalar {
  return isScalar(node) && (node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED);
}

function rangeEnd(node: unknown): number {
  if (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) return node.range?.[1] ?? 0;
  return 0;
}
