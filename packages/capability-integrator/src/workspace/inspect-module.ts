/**
 * Looks at a module where it really lies: inside the workspace or not, which sources it holds, whether the files
 * that the investigation saw are still there. Follows no symbolic link below the module; changes nothing.
 */
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, extname, join, relative, resolve, sep } from "node:path";
import { isInside } from "@kloros/bus";

const PYTHON = new Set([".py", ".pyi", ".pyw"]);
const SCRIPT = new Set([".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"]);
/** Folders whose content belongs to others, or is made from the sources. */
const SKIPPED_FOLDERS = new Set(["node_modules", "__pycache__", "venv", "site-packages"]);
/** Entries looked at per module; a larger one is counted up to here. */
const MAX_ENTRIES = 20_000;
/** Folders in folders; deeper ones are not counted. */
const MAX_DEPTH = 16;

export interface ModuleSight {
  readonly kind: "seen";
  readonly realPath: string;
  /** From the workspace, with `/`. Empty when the module is the workspace itself. */
  readonly relativePath: string;
  readonly isDirectory: boolean;
  readonly pyFiles: number;
  readonly sourceFiles: number;
  /** `.py` files in the folder itself, `__init__.py` not counted. */
  readonly directPyFiles: number;
  readonly hasInit: boolean;
  /** Whether at least one of the files named by the investigation still exists; true when it named none. */
  readonly recordedFilesExist: boolean;
}

export type Sight =
  | ModuleSight
  | { readonly kind: "outside"; readonly realPath: string }
  | { readonly kind: "missing"; readonly path: string }
  | { readonly kind: "unreadable"; readonly path: string; readonly reason: string }
  | { readonly kind: "no-workspace"; readonly reason: string };

export interface ModuleLocation {
  /** Absolute, or relative to the workspace. */
  readonly path: string;
  /** Absolute, or relative to the module or the workspace. */
  readonly files: readonly string[];
}

/** What is at `location` now. Never throws for what the disk says. */
export async function inspectModule(workspace: string, location: ModuleLocation): Promise<Sight> {
  let root: string;
  try {
    root = await realpath(workspace);
  } catch (cause) {
    return { kind: "no-workspace", reason: reasonOf(cause) };
  }
  const path = resolve(root, location.path);
  try {
    const realPath = await realpath(path);
    if (!isInside(root, realPath)) return { kind: "outside", realPath };
    const isDirectory = (await stat(realPath)).isDirectory();
    const counted = isDirectory ? await countSources(realPath) : countFile(realPath);
    return {
      kind: "seen",
      realPath,
      relativePath: relative(root, realPath).replaceAll(sep, "/"),
      isDirectory,
      ...counted,
      recordedFilesExist: await anyExists(
        [isDirectory ? realPath : dirname(realPath), root],
        root,
        location.files,
      ),
    };
  } catch (cause) {
    const reason = reasonOf(cause);
    if (!/^(ENOENT|ENOTDIR)/.test(reason)) return { kind: "unreadable", path, reason };
    return isInside(root, path) || isInside(resolve(workspace), path)
      ? { kind: "missing", path }
      : { kind: "outside", realPath: path };
  }
}

type Counted = Pick<ModuleSight, "pyFiles" | "sourceFiles" | "directPyFiles" | "hasInit">;

function countFile(path: string): Counted {
  const pyFiles = PYTHON.has(extensionOf(path)) ? 1 : 0;
  return {
    pyFiles,
    sourceFiles: pyFiles + (SCRIPT.has(extensionOf(path)) ? 1 : 0),
    directPyFiles: 0,
    hasInit: basename(path) === "__init__.py",
  };
}

async function countSources(root: string): Promise<Counted> {
  const counted = { pyFiles: 0, sourceFiles: 0, directPyFiles: 0, hasInit: false };
  const folders = [{ path: root, depth: 0 }];
  let entriesLeft = MAX_ENTRIES;
  for (let folder = folders.pop(); folder && entriesLeft > 0; folder = folders.pop()) {
    const { path, depth } = folder;
    const entries = await readdir(path, { withFileTypes: true }).catch((cause: unknown) => {
      if (depth === 0) throw cause;
      return []; // A closed folder deep inside hides its own files only.
    });
    for (const entry of entries) {
      if (entriesLeft-- === 0) break;
      if (
        entry.isDirectory() &&
        depth < MAX_DEPTH &&
        !entry.name.startsWith(".") &&
        !SKIPPED_FOLDERS.has(entry.name)
      ) {
        folders.push({ path: join(path, entry.name), depth: depth + 1 });
      }
      if (!entry.isFile()) continue;
      const extension = extensionOf(entry.name);
      const isPython = PYTHON.has(extension);
      if (isPython || SCRIPT.has(extension)) counted.sourceFiles++;
      if (isPython) counted.pyFiles++;
      if (depth === 0 && entry.name === "__init__.py") counted.hasInit = true;
      else if (depth === 0 && extension === ".py") counted.directPyFiles++;
    }
  }
  return counted;
}

function extensionOf(path: string): string {
  return extname(path).toLowerCase();
}

/** `bases`: what a file may be named relative to. */
async function anyExists(bases: readonly string[], root: string, files: readonly string[]): Promise<boolean> {
  for (const file of files) {
    for (const candidate of bases.map((base) => resolve(base, file))) {
      if (isInside(root, candidate) && (await exists(candidate))) return true;
    }
  }
  return files.length === 0;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
