/** Values cut to what a person reads in a log; a decision's line stays small whatever the signal (P5). Pure. */

const MAX_TEXT_CHARACTERS = 300;
const MAX_ITEMS = 50;
const MAX_DEPTH = 5;
/** Values in one excerpt. */
const MAX_NODES = 400;

export function excerpt(value: unknown): unknown {
  let nodes = 0;
  const cut = (part: unknown, depth: number): unknown => {
    if (++nodes > MAX_NODES) return "…";
    if (typeof part === "string")
      return part.length <= MAX_TEXT_CHARACTERS ? part : `${part.slice(0, MAX_TEXT_CHARACTERS)}…`;
    if (typeof part !== "object" || part === null) return part;
    if (depth >= MAX_DEPTH) return "…";
    if (Array.isArray(part)) {
      const items = part.slice(0, MAX_ITEMS).map((item) => cut(item, depth + 1));
      return part.length <= MAX_ITEMS ? items : [...items, `… ${part.length - MAX_ITEMS} more`];
    }
    const members = Object.entries(part).slice(0, MAX_ITEMS);
    return Object.fromEntries(members.map(([name, member]) => [name, cut(member, depth + 1)]));
  };
  return cut(value, 0);
}
