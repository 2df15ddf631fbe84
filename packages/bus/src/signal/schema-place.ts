/** Where in a schema that is what ajv's words are about: it names the thing, not its place. Pure. */
import type { FactsProblem } from "./contract.ts";
import { pointerPart } from "./json-pointer.ts";

/** What a message quotes of the schema: a keyword, a pattern, a reference. */
const QUOTED = [
  /unknown keyword: "([^"]+)"/,
  /Invalid regular expression: \/(.*)\/u?:/,
  /can't resolve reference (\S+) /,
  /required property "([^"]+)"/,
];
const TOLD_PLACE = / (?:ignored )?in schema at path "#([^"]*)"/;

/** The message with the JSON Pointer it belongs to; `""` when nobody can tell. */
export function placed(message: string, schema: unknown): FactsProblem {
  const told = TOLD_PLACE.exec(message);
  if (told) return { path: told[1] ?? "", message: message.replace(told[0], "") };
  const words = message.replace(/^strict mode: /, "").replace(/ \(strict\w+\)$/, "");
  const quoted = QUOTED.map((pattern) => pattern.exec(message)?.[1]).find((text) => text !== undefined);
  return { path: quoted === undefined ? "" : (pointerTo(quoted, schema) ?? ""), message: words };
}

/** To the first member of that name, or with that text as its value. */
function pointerTo(quoted: string, node: unknown, at = ""): string | undefined {
  if (node === quoted) return at;
  if (typeof node !== "object" || node === null) return undefined;
  for (const [name, value] of Object.entries(node)) {
    const place = at + pointerPart(name);
    if (name === quoted && !Array.isArray(node)) return place;
    const inner = pointerTo(quoted, value, place);
    if (inner !== undefined) return inner;
  }
  return undefined;
}
