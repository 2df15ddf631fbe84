/**
 * Reads the text of a registry into what an addition needs: which names and module paths are taken, and where the
 * next entry goes. Text that is not one plain mapping is refused with its line and column, never repaired.
 */
import { type Document, isMap, isScalar, type ParsedNode, parseAllDocuments, type YAMLMap } from "yaml";
import { type Container, registeredIn, walkRegistry } from "./find-container.ts";
import { type Place, placeIn, placeInEmpty } from "./insertion-place.ts";
import { type Registered, placesOf } from "./module-entry.ts";

/** What is known of a registry's content. Grows as entries are added. */
export interface RegistryIndex {
  /** Keys of the mapping that takes new entries. */
  readonly names: Map<string, Registered>;
  /** Every module that is registered anywhere, by each comparable form of its path. */
  readonly places: Map<string, Registered>;
}

export interface RegistryProblem {
  /** `unreadable`: no valid YAML. `unsupported`: valid, but nothing that an entry can be added to. */
  readonly kind: "unreadable" | "unsupported";
  /** Both counted from 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export type ParsedRegistry =
  { readonly kind: "registry"; readonly index: RegistryIndex; readonly place: Place } | RegistryProblem;

type LineAt = (offset: number) => number;

/** Never throws: what the parser throws (nesting too deep) comes back as `unreadable`. */
export function parseRegistry(text: string): ParsedRegistry {
  try {
    const parsed = parseAllDocuments(text, { uniqueKeys: false, prettyErrors: false });
    return readDocuments(text, Array.isArray(parsed) ? parsed : []);
  } catch (cause) {
    return problem("unreadable", text, 0, cause instanceof Error ? cause.message : String(cause));
  }
}

function readDocuments(text: string, documents: readonly Document.Parsed[]): ParsedRegistry {
  for (const { errors } of documents) {
    const [first] = errors;
    if (first) return problem("unreadable", text, first.pos[0], first.message);
  }
  const [document, second] = documents;
  if (second) {
    return problem(
      "unsupported",
      text,
      second.range[0],
      "a second YAML document begins here; keep the registry in one",
    );
  }
  return document ? readContents(text, document) : emptyRegistry(text, null);
}

function readContents(text: string, document: Document.Parsed): ParsedRegistry {
  const contents: ParsedNode | null = document.contents;
  if (contents === null) return emptyRegistry(text, null);
  const [from, to] = contents.range;
  if (isScalar(contents) && contents.value === null)
    return emptyRegistry(text, to > from ? { from, to } : null);
  if (!isMap(contents)) {
    return problem(
      "unsupported",
      text,
      from,
      "expected a mapping of names to entries (`audio: {module: src.audio, …}`)",
    );
  }
  const root = contents as YAMLMap;
  const lineAt = lineFinder(text);
  const { container, modules } = walkRegistry(root, document, lineAt);
  const doubled = doubledKey(root, document, lineAt) ?? doubledKey(container.map, document, lineAt);
  if (doubled) {
    const message = `${doubled.name} stands twice, here and in line ${doubled.first}; remove one of them`;
    return { kind: "unreadable", line: doubled.line, column: 1, message };
  }
  return {
    kind: "registry",
    index: indexOf(container, modules, document, lineAt),
    place: placeIn(container, text),
  };
}

function indexOf(
  container: Container,
  modules: readonly Registered[],
  document: Document,
  lineAt: LineAt,
): RegistryIndex {
  const index: RegistryIndex = { names: new Map(), places: new Map() };
  for (const pair of container.map?.items ?? []) {
    const found = registeredIn(pair, document, lineAt);
    if (found) index.names.set(found.name, found);
  }
  for (const found of modules) {
    for (const place of placesOf(found)) if (!index.places.has(place)) index.places.set(place, found);
  }
  return index;
}

function emptyRegistry(text: string, nothing: { from: number; to: number } | null): ParsedRegistry {
  return {
    kind: "registry",
    index: { names: new Map(), places: new Map() },
    place: placeInEmpty(text, nothing),
  };
}

/** YAML forbids equal keys in one mapping; checked here where it matters, at a tenth of the parser's cost. */
function doubledKey(
  map: YAMLMap | null,
  document: Document,
  lineAt: LineAt,
): { name: string; line: number; first: number } | null {
  const lines = new Map<string, number>();
  for (const pair of map?.items ?? []) {
    const found = registeredIn(pair, document, lineAt);
    if (!found) continue;
    const first = lines.get(found.name);
    if (first !== undefined) return { name: found.name, line: found.line, first };
    lines.set(found.name, found.line);
  }
  return null;
}

function problem(
  kind: RegistryProblem["kind"],
  text: string,
  offset: number,
  message: string,
): RegistryProblem {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { kind, line: before.split("\n").length, column: offset - lineStart + 1, message };
}

/** Lines by binary search: counting newlines for each of thousands of keys would be quadratic. */
function lineFinder(text: string): LineAt {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
