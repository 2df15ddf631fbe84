/**
 * Walks a tree for source files, nearest to the root first, names in order, so that limits cut the same way each time.
 *
 * Symbolic links are never followed: what they name inside the tree is met where it really lies, and what lies
 * outside is none of its business. So there are no loops. Sockets, pipes and devices are never opened.
 */
import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";
import type { AnalysisNote } from "../findings.ts";
import { isGenerated, type SourceKind, sourceKindOf } from "../source-language.ts";
import { ENVIRONMENT_MARKER, isSkippedFolder } from "./skipped-folders.ts";

/** Deepest folder below the root that is looked into. */
const MAX_DEPTH = 40;
/** Folders looked into; a tree of more is machine-made. */
const MAX_FOLDERS = 50_000;

export interface SourceFile {
  /** Relative to the walked root, with `/`. */
  readonly path: string;
  readonly kind: SourceKind;
}

export interface SourceTree {
  readonly files: readonly SourceFile[];
  /** Relative folders, the root (`""`) not among them. */
  readonly folders: readonly string[];
  /** Paths in notes are relative to the walked root. */
  readonly notes: readonly AnalysisNote[];
  /** Source files seen beyond the limit. */
  readonly filesLeftOut: number;
  /** errno when the root itself cannot be read. */
  readonly rootError: string | null;
}

export function walkSources(root: string, maxFiles: number): SourceTree {
  const files: SourceFile[] = [];
  const folders: string[] = [];
  const notes: AnalysisNote[] = [];
  let filesLeftOut = 0;
  const pending: { path: string; depth: number }[] = [{ path: "", depth: 0 }];
  for (let at = 0; at < pending.length; at++) {
    const folder = pending[at];
    if (folder === undefined) break;
    const listed = entriesOf(join(root, folder.path));
    if (listed.kind === "failed") {
      if (folder.path === "") return { files, folders, notes, filesLeftOut, rootError: listed.errno };
      notes.push(unreadable(folder.path, listed.errno));
      continue;
    }
    const names = new Set(listed.entries.map((entry) => entry.name));
    if (folder.path !== "" && names.has(ENVIRONMENT_MARKER)) continue;
    if (folder.path !== "") folders.push(folder.path);
    for (const entry of listed.entries) {
      const path = folder.path === "" ? entry.name : `${folder.path}/${entry.name}`;
      if (entry.isDirectory()) {
        if (isSkippedFolder(entry.name, names)) continue;
        if (folder.depth >= MAX_DEPTH)
          notes.push({ kind: "too-deep", path, message: `more than ${MAX_DEPTH} folders deep` });
        else if (pending.length < MAX_FOLDERS) pending.push({ path, depth: folder.depth + 1 });
        continue;
      }
      const found = classify(entry, path);
      if (found?.note) notes.push(found.note);
      else if (found?.kind && files.length < maxFiles) files.push({ path, kind: found.kind });
      else if (found?.kind) filesLeftOut++;
    }
  }
  return { files, folders, notes, filesLeftOut, rootError: null };
}

function classify(entry: Dirent, path: string): { kind?: SourceKind; note?: AnalysisNote } | undefined {
  if (entry.isSymbolicLink())
    return { note: { kind: "symlink", path, message: "a symbolic link; not followed" } };
  const kind = sourceKindOf(entry.name);
  if (!kind) return undefined;
  if (!entry.isFile()) return { note: { kind: "not-a-file", path, message: "no regular file; not opened" } };
  if (isGenerated(entry.name))
    return { note: { kind: "generated", path, message: "minified or bundled; skipped" } };
  return { kind };
}

function entriesOf(folder: string): { kind: "read"; entries: Dirent[] } | { kind: "failed"; errno: string } {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return { kind: "read", entries: entries.sort((a, b) => (a.name < b.name ? -1 : 1)) };
  } catch (cause) {
    return { kind: "failed", errno: (cause as NodeJS.ErrnoException).code ?? "EUNKNOWN" };
  }
}

function unreadable(path: string, errno: string): AnalysisNote {
  const denied = errno === "EACCES" || errno === "EPERM";
  return {
    kind: denied ? "permission" : "unreadable",
    path,
    message: `the folder cannot be read (${errno})`,
  };
}
