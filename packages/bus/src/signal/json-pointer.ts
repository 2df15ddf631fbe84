/** JSON Pointer (RFC 6901), as far as contracts need it. */

/** Pointers met so far, parsed: contracts name a handful, and each is asked for with every signal. */
const parsed = new Map<string, readonly string[]>();
/** More than any set of contracts has; pointers from elsewhere do not fill the memory. */
const MAX_PARSED = 1_000;

/** The value a pointer leads to; undefined when there is none. `""` is the whole. */
export function valueAt(root: unknown, pointer: string): unknown {
  let value = root;
  for (const part of parsed.get(pointer) ?? parse(pointer)) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

function parse(pointer: string): readonly string[] {
  const parts = pointer === "" ? [] : pointer.slice(1).split("/").map(unescapePart);
  if (parsed.size >= MAX_PARSED) parsed.clear();
  parsed.set(pointer, parts);
  return parts;
}

/** One member name as a part of a pointer, with its slash: `a/b` becomes `/a~1b`. */
export function pointerPart(name: string): string {
  return `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function unescapePart(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}
