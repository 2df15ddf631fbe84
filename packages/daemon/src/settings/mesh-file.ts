/**
 * `mesh.yaml`: the one configuration file of a home. Read in YAML's safe form (1.2 core schema, no custom
 * tags, no aliases to speak of), each value with the line it stands on. What the values mean is not known here.
 */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Document, LineCounter, YAMLMap } from "yaml";
import type { ConfigProblem } from "./problem.ts";

/** Larger is no configuration. */
const MAX_MESH_FILE_BYTES = 1024 * 1024;
/** Enough for anchors used by hand; a "billion laughs" needs more. */
const MAX_ALIASES = 32;

export interface MeshEntry {
  readonly value: unknown;
  /** For messages: `<path>, line 3`. */
  readonly source: string;
  /** The entries of a mapping; undefined when the value is none. */
  readonly entries: MeshEntries | undefined;
}

export type MeshEntries = ReadonlyMap<string, MeshEntry>;

export interface MeshFile {
  readonly path: string;
  readonly entries: MeshEntries;
  readonly problems: readonly ConfigProblem[];
}

/** Reads `<home>/mesh.yaml`; no file is an empty one. Never throws: what is wrong is in `problems`. */
export async function readMeshFile(home: string): Promise<MeshFile> {
  const path = join(home, "mesh.yaml");
  const failed = (problem: string, remedy: string, source = path): MeshFile => ({
    path,
    entries: new Map(),
    problems: [{ setting: "", source, problem, remedy }],
  });
  let text: string;
  try {
    // A home that is no folder has no such file either; what is wrong with it is told by whoever creates it.
    const found = statSync(home, { throwIfNoEntry: false })?.isDirectory()
      ? statSync(path, { throwIfNoEntry: false })
      : undefined;
    if (!found) return { path, entries: new Map(), problems: [] };
    if (!found.isFile()) return failed("is not a file", "move it away or make it a file");
    if (found.size > MAX_MESH_FILE_BYTES)
      return failed(`is larger than ${MAX_MESH_FILE_BYTES} bytes`, "it should hold settings only");
    text = readFileSync(path, "utf8");
  } catch (cause) {
    return failed(`cannot be read (${String(cause)})`, "make it readable for this user");
  }
  const { LineCounter: Lines, isMap, parseDocument } = await import("yaml"); // Late: most homes have no such file.
  const lines = new Lines();
  const document = parseDocument(text, {
    version: "1.2",
    schema: "core",
    lineCounter: lines,
    prettyErrors: false,
  });
  const errors = [...document.errors, ...document.warnings];
  if (errors.length > 0) {
    const problems = errors.map((error) => ({
      setting: "",
      source: `${path}, line ${lines.linePos(error.pos[0]).line}`,
      problem: `is no valid YAML (${error.message})`,
      remedy: "correct the line; indent with spaces",
    }));
    return { path, entries: new Map(), problems };
  }
  if (document.contents === null) return { path, entries: new Map(), problems: [] };
  if (!isMap(document.contents))
    return failed("must be a mapping of names to values", "write for example `log_level: debug`");
  try {
    document.toJS({ maxAliasCount: MAX_ALIASES });
    return { path, entries: entriesOf(document.contents, document, { path, lines, isMap }), problems: [] };
  } catch (cause) {
    return failed(`cannot be used (${String(cause)})`, "write it without aliases");
  }
}

interface Reader {
  readonly path: string;
  readonly lines: LineCounter;
  readonly isMap: (node: unknown) => node is YAMLMap;
}

interface Positioned {
  readonly range?: readonly number[] | null;
  toJS(document: Document, options?: { maxAliasCount: number }): unknown;
}

function entriesOf(map: YAMLMap, document: Document, reader: Reader): MeshEntries {
  const entries = new Map<string, MeshEntry>();
  for (const { key, value } of map.items) {
    const keyNode = key as Positioned;
    const valueNode = value as Positioned | null;
    entries.set(String(keyNode.toJS(document)), {
      value: valueNode?.toJS(document, { maxAliasCount: MAX_ALIASES }) ?? null,
      source: `${reader.path}, line ${reader.lines.linePos(keyNode.range?.[0] ?? 0).line}`,
      entries: reader.isMap(value) ? entriesOf(value, document, reader) : undefined,
    });
  }
  return entries;
}
