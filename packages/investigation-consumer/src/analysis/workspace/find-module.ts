/** Finds a module by the name in the question id (`discover.module.audio`), where no evidence says where it lies. */
import { SOURCE_EXTENSIONS, sourceKindOf } from "../source-language.ts";
import { foldName, type WorkspacePicture, withoutExtension } from "./workspace-picture.ts";

/** Candidates named in a note about an ambiguous name. */
const MAX_NAMED_CANDIDATES = 5;

export type FoundModule =
  | { readonly kind: "found"; readonly path: string; readonly others: readonly string[] }
  | { readonly kind: "none" };

/**
 * `name` may be dotted (`src.audio`) or a path. The candidate nearest to the root wins; on one level a folder with
 * sources before a file, an exact spelling before a folded one (`audio-tools` for `audio_tools`), then the alphabet.
 */
export function findModule(picture: WorkspacePicture, name: string): FoundModule {
  const parts = partsOf(name);
  const last = parts.at(-1);
  if (last === undefined) return { kind: "none" };
  const wanted = parts.map(foldName);
  const candidates = picture
    .named(last)
    .filter((path) => endsWith(withoutExtension(path).split("/").map(foldName), wanted))
    .map((path) => ({ path, rank: rankOf(picture, path, parts) }))
    .sort((a, b) => a.rank - b.rank || (a.path < b.path ? -1 : 1))
    .map((candidate) => candidate.path);
  const [path, ...others] = candidates;
  return path === undefined
    ? { kind: "none" }
    : { kind: "found", path, others: others.slice(0, MAX_NAMED_CANDIDATES) };
}

function partsOf(name: string): string[] {
  const extension = SOURCE_EXTENSIONS.find((each) => name.endsWith(each));
  const bare = extension === undefined ? name : name.slice(0, -extension.length);
  return bare.split(/[./\\]/).filter((part) => part !== "");
}

function endsWith(parts: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((part, index) => parts[parts.length - wanted.length + index] === part);
}

function rankOf(picture: WorkspacePicture, path: string, parts: readonly string[]): number {
  const isFile = sourceKindOf(path) !== undefined && !picture.has(path);
  const holdsSource = isFile || picture.files.some((file) => file.path.startsWith(`${path}/`));
  const exact = withoutExtension(path).endsWith(parts.join("/"));
  // A folder without any source is a candidate only where there is nothing better: it makes the failure say so.
  return (holdsSource ? 0 : 1_000) + path.split("/").length * 4 + (isFile ? 2 : 0) + (exact ? 0 : 1);
}
