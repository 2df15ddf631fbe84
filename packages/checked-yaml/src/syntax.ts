/** What is wrong with a parsed document before anybody asks what it means. */
import { type Document, isScalar, visit, type YAMLError } from "yaml";
import type { Reading } from "./reading.ts";

/** Enough for anchors used by hand; a "billion laughs" needs more. */
const MAX_ALIASES = 100;

/** False: the document is not to be read any further. Doubled keys alone do not hide the other mistakes. */
export function reportSyntax(reading: Reading, document: Document): boolean {
  const findings: readonly YAMLError[] = [...document.errors, ...document.warnings];
  for (const { message, pos } of findings) {
    reading.report(
      reading.at(pos[0]),
      "",
      `is no valid YAML: ${message}; correct the line, and indent with spaces`,
    );
  }
  if (findings.length > 0 || !reportAliases(reading, document)) return false;
  reportDoubledKeys(reading, document);
  return true;
}

/** The parser can do this too, at a cost that grows with the square of a mapping's length. */
function reportDoubledKeys(reading: Reading, document: Document): void {
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (seen.has(name))
          reading.report(
            reading.positionOf(key) ?? reading.at(0),
            "",
            `the key ${name} stands twice in one mapping; remove one of them`,
          );
        seen.add(name);
      }
    },
  });
}

/** False: reading it could take for ever. */
function reportAliases(reading: Reading, document: Document): boolean {
  let count = 0;
  let circular = false;
  visit(document, {
    Alias(_, alias) {
      count += 1;
      if (count > MAX_ALIASES) return visit.BREAK;
      const source = alias.resolve(document);
      const at = alias.range?.[0] ?? 0;
      if (!source?.range || at < source.range[0] || at >= source.range[2]) return undefined;
      circular = true;
      reading.report(reading.at(at), "", `the alias *${alias.source} contains itself; write the value out`);
      return visit.BREAK;
    },
  });
  if (circular) return false;
  if (count > MAX_ALIASES || expandsTooFar(document, count)) {
    reading.report(reading.at(0), "", "repeats too much through aliases; write the values out");
    return false;
  }
  return true;
}

function expandsTooFar(document: Document, aliases: number): boolean {
  try {
    if (aliases > 0) document.toJS({ maxAliasCount: MAX_ALIASES });
    return false;
  } catch (cause) {
    if (cause instanceof ReferenceError) return true;
    throw cause;
  }
}
