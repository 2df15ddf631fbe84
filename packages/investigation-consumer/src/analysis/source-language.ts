/** Which files are source, in which language, and which of them are tests. Decided by name alone. */
import type { Language } from "./findings.ts";

/** The grammar a file is parsed with. */
export type Dialect = "python" | "javascript" | "typescript" | "tsx";

export interface SourceKind {
  readonly language: Language;
  readonly dialect: Dialect;
  readonly declaration: boolean;
}

const BY_EXTENSION: Readonly<Record<string, SourceKind>> = {
  ".py": { language: "python", dialect: "python", declaration: false },
  ".pyw": { language: "python", dialect: "python", declaration: false },
  ".pyi": { language: "python", dialect: "python", declaration: true },
  ".js": { language: "javascript", dialect: "javascript", declaration: false },
  ".mjs": { language: "javascript", dialect: "javascript", declaration: false },
  ".cjs": { language: "javascript", dialect: "javascript", declaration: false },
  ".jsx": { language: "javascript", dialect: "javascript", declaration: false },
  ".ts": { language: "typescript", dialect: "typescript", declaration: false },
  ".mts": { language: "typescript", dialect: "typescript", declaration: false },
  ".cts": { language: "typescript", dialect: "typescript", declaration: false },
  ".tsx": { language: "typescript", dialect: "tsx", declaration: false },
};

/** Extensions that a module name may be looked up with. */
export const SOURCE_EXTENSIONS: readonly string[] = Object.keys(BY_EXTENSION);

const DECLARATION = /\.d(\.\w+)?\.[mc]?ts$/;
const GENERATED = /\.(min|bundle)\.[mc]?js$/;
const PYTHON_TEST = /^(test_.*|.*_test|conftest)\.pyw?$/;
const SCRIPT_TEST = /\.(test|spec)\.[mc]?[jt]sx?$/;
const TEST_FOLDERS: ReadonlySet<string> = new Set(["test", "tests", "__tests__", "spec", "e2e"]);

/** The kind of source a file of this name holds; undefined for anything else. */
export function sourceKindOf(fileName: string): SourceKind | undefined {
  const extension = /\.\w+$/.exec(fileName)?.[0].toLowerCase();
  const kind = extension === undefined ? undefined : BY_EXTENSION[extension];
  return kind && DECLARATION.test(fileName) ? { ...kind, declaration: true } : kind;
}

/** Minified files and bundles: written by tools, they say nothing about who wrote the module. */
export function isGenerated(fileName: string): boolean {
  return GENERATED.test(fileName);
}

/** `relativePath` uses `/` and is relative to the module (or the workspace, for its importers). */
export function isTestFile(relativePath: string): boolean {
  const folders = relativePath.split("/");
  const name = folders.pop() ?? "";
  return (
    PYTHON_TEST.test(name) || SCRIPT_TEST.test(name) || folders.some((folder) => TEST_FOLDERS.has(folder))
  );
}

/** The name without its source extension: `audio.py` → `audio`, `index.d.ts` → `index`. */
export function stemOf(fileName: string): string {
  return fileName.replace(DECLARATION, "").replace(/\.\w+$/, "");
}
