/** JSON Pointer (RFC 6901), as far as contracts need it. */

/** The value a pointer leads to; undefined when there is none. `""` is the whole. */
export function valueAt(root: unknown, pointer: string): unknown {
  if (pointer === "") return root;
  let value = root;
  for (const part of pointer.slice(1).split("/")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, unescapePart(part)))
      return undefined;
    value = (value as Record<string, unknown>)[unescapePart(part)];
  }
  return value;
}

/** One member name as a part of a pointer, with its slash: `a/b` becomes `/a~1b`. */
export function pointerPart(name: string): string {
  return `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function unescapePart(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}
