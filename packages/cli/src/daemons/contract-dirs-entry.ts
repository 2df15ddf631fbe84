/** The entry `contract_dirs` in the text of a mesh.yaml: folders added and taken away, all else kept as it stands. Pure. */
import { Document, isScalar, isSeq, parseDocument, type YAMLSeq } from "yaml";

export type EditedMeshFile =
  | { readonly kind: "edited"; readonly text: string }
  /** It says already what it should. */
  | { readonly kind: "unchanged" }
  | { readonly kind: "refused"; readonly problem: string };

const KEY = "contract_dirs";

/** Adds a folder; a file without the entry gets it at its end. */
export function withContractDir(text: string, dir: string): EditedMeshFile {
  return edit(text, (dirs, document) => {
    if (dirs === undefined) {
      document.set(KEY, document.createNode([dir]));
      return true;
    }
    if (valuesOf(dirs).includes(dir)) return false;
    dirs.add(document.createNode(dir));
    return true;
  });
}

/** Takes a folder away, as it was written there; an entry that gets empty goes, too. */
export function withoutContractDir(text: string, written: string): EditedMeshFile {
  return edit(text, (dirs, document) => {
    const at = dirs === undefined ? -1 : valuesOf(dirs).indexOf(written);
    if (dirs === undefined || at < 0) return false;
    if (dirs.items.length === 1) document.delete(KEY);
    else dirs.delete(at);
    return true;
  });
}

type Edit = (dirs: YAMLSeq | undefined, document: Document) => boolean;

function edit(text: string, change: Edit): EditedMeshFile {
  const document = parseDocument(text, { version: "1.2", schema: "core" });
  const [error] = document.errors;
  if (error !== undefined) return refused(`is no valid YAML (${error.message.split("\n")[0] ?? ""})`);
  if (document.contents === null) return append(text, change);
  const entry: unknown = document.get(KEY, true) ?? undefined;
  const isNone = entry === undefined || (isScalar(entry) && entry.value === null);
  if (!isNone && !isSeq(entry)) return refused(`${KEY} is not a list`);
  if (!change(isSeq(entry) ? entry : undefined, document)) return { kind: "unchanged" };
  if (document.contents !== null && "items" in document.contents && document.contents.items.length === 0) {
    // Without members it would be written as {}: what is left are the comments.
    return { kind: "edited", text: commentsOf(text) };
  }
  return { kind: "edited", text: document.toString({ lineWidth: 0 }) };
}

/** A file of comments only, as a new home has it: they stay before the first entry. */
function append(text: string, change: Edit): EditedMeshFile {
  const document = new Document({});
  if (!change(undefined, document)) return { kind: "unchanged" };
  const before = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  return {
    kind: "edited",
    text: `${before}${before.trim() === "" ? "" : "\n"}${document.toString({ lineWidth: 0 })}`,
  };
}

function commentsOf(text: string): string {
  return `${text
    .split("\n")
    .filter((line) => /^\s*(#|$)/.test(line))
    .join("\n")
    .trimEnd()}\n`;
}

function valuesOf(dirs: YAMLSeq): unknown[] {
  return dirs.items.map((item) => (isScalar(item) ? item.value : undefined));
}

function refused(problem: string): EditedMeshFile {
  return { kind: "refused", problem };
}
