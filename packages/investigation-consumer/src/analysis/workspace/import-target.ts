/**
 * Which paths of the workspace an import may mean, by name alone: nothing is opened. Paths are relative to the
 * workspace, with `/`, without extension.
 */
import { posix } from "node:path";
import type { ImportStatement, Language } from "../findings.ts";
import { type WorkspacePicture, withoutExtension } from "./workspace-picture.ts";

/** Folders that are import roots by custom. */
const CUSTOMARY_ROOTS = ["", "src", "lib", "python"];

/** All paths that `statement` in `importer` may name: the module itself, and for Python what is taken from it. */
export function importTargets(
  statement: ImportStatement,
  importer: string,
  language: Language,
  picture: WorkspacePicture,
  extraRoots: readonly string[] = [],
): string[] {
  if (language === "python") return pythonTargets(statement, importer, picture, extraRoots);
  if (!statement.specifier.startsWith(".")) return [];
  const path = withoutScriptExtension(posix.join(posix.dirname(importer), statement.specifier));
  return [path.endsWith("/index") ? path.slice(0, -"/index".length) : path];
}

/** Where Python would look for the package that `path` is in: above the topmost folder with an `__init__.py`. */
export function pythonRootOf(path: string, picture: WorkspacePicture): string {
  let root = posix.dirname(path);
  while (root !== "." && picture.has(`${root}/__init__`)) root = posix.dirname(root);
  return root === "." ? "" : root;
}

function pythonTargets(
  { specifier, names }: ImportStatement,
  importer: string,
  picture: WorkspacePicture,
  extraRoots: readonly string[],
): string[] {
  const dots = /^\.*/.exec(specifier)?.[0].length ?? 0;
  const rest = specifier.slice(dots).replaceAll(".", "/");
  const bases =
    dots > 0 ? [posix.join(posix.dirname(importer), ...upwards(dots - 1), rest)] : absoluteBases();
  return bases
    .map(clean)
    .flatMap((base) => [base, ...names.map((name) => (base === "" ? name : `${base}/${name}`))]);

  function absoluteBases(): string[] {
    const folder = posix.dirname(importer);
    const asScript = picture.has(`${folder}/__init__`) ? [] : [folder]; // A script's own folder is on its path.
    const roots = new Set([...CUSTOMARY_ROOTS, pythonRootOf(importer, picture), ...asScript, ...extraRoots]);
    return [...roots].map((root) => posix.join(root, rest));
  }
}

function upwards(levels: number): string[] {
  return Array.from({ length: levels }, () => "..");
}

function clean(path: string): string {
  const bare = path.endsWith("/") ? path.slice(0, -1) : path;
  return bare === "." ? "" : bare;
}

/** `./x.js` may mean `x.ts`; `./x.service` is no extension. */
function withoutScriptExtension(path: string): string {
  return /\.(d\.)?[mc]?[jt]sx?$/.test(path) ? withoutExtension(path) : path.replace(/\/$/, "");
}
