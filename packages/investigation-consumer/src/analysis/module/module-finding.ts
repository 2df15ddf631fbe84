/** The sum of a module's files: what stands in the record under `module`, and how sure it makes us. Pure. */
import type { AnalysisNote, FileFinding, Language, ModuleFinding } from "../findings.ts";
import type { SourceTree } from "../files/walk-sources.ts";
import type { Importers } from "../workspace/importers.ts";
import { withoutExtension } from "../workspace/workspace-picture.ts";
import type { NamedFile } from "./capabilities.ts";
import { confidenceOf } from "./confidence.ts";
import { entryPointsOf } from "./entry-points.ts";
import { packageOf } from "./import-origin.ts";
import type { ProjectFacts } from "./project-facts.ts";

/** Names of other people's packages listed. */
const MAX_DEPENDENCIES = 200;

export interface ModuleToAnalyse {
  /** Absolute, links resolved, inside the workspace. */
  readonly path: string;
  /** Relative to the workspace, with `/`; `""` for the workspace itself. */
  readonly relativePath: string;
  readonly name: string;
  /** From finding it. */
  readonly notes: readonly AnalysisNote[];
}

/** Files as they were read, and what is known about them in sum. */
export interface Reading {
  readonly files: readonly FileFinding[];
  readonly named: readonly NamedFile[];
  readonly notes: readonly AnalysisNote[];
  readonly skipped: number;
}

export function moduleFinding(
  target: ModuleToAnalyse,
  isFile: boolean,
  tree: SourceTree,
  reading: Reading,
  project: ProjectFacts,
): ModuleFinding {
  const { files } = reading;
  const importable = isFile ? withoutExtension(target.relativePath) : target.relativePath;
  const external = files.flatMap((file) =>
    file.imports
      .filter((each) => each.origin === "external")
      .map((each) => packageOf(each.specifier, file.language)),
  );
  return {
    name: target.name,
    path: target.path,
    relative_path: target.relativePath || ".",
    import_path: importable.replaceAll("/", "."),
    kind: isFile ? "file" : "directory",
    language: languageOf(files),
    package_name: project.packageName,
    description: docOf(files),
    has_init: !isFile && tree.files.some((file) => file.path === "__init__.py"),
    py_files_count: tree.files.filter((file) => file.kind.language === "python").length,
    source_files_count: tree.files.length + tree.filesLeftOut,
    broken_files_count: files.filter((file) => file.syntax_errors.length > 0).length,
    skipped_files_count: reading.skipped + tree.filesLeftOut,
    functions_count: sum(files.map((file) => file.functions.length)),
    classes_count: sum(files.map((file) => file.classes.length)),
    methods_count: sum(files.flatMap((file) => file.classes.map((each) => each.methods.length))),
    entry_points: entryPointsOf(
      files,
      project.isPackageRoot ? project.manifest : null,
      project.consoleScripts,
    ),
    tests: files.filter((file) => file.test).map((file) => ({ path: file.path, cases: file.test_cases })),
    dependencies: [...new Set(external)].sort().slice(0, MAX_DEPENDENCIES),
    files,
  };
}

export function confidenceFor(
  module: ModuleFinding,
  tree: SourceTree,
  reading: Reading,
  capabilities: number,
  found: Importers,
): number {
  const sources = reading.files.filter((file) => !file.test);
  return confidenceOf({
    sourceFiles: tree.files.length,
    cleanFiles: reading.files.length - module.broken_files_count,
    definitions: sum(sources.map((file) => file.functions.length + file.classes.length)),
    capabilities,
    hasDoc: module.description !== null,
    hasTests: module.tests.length > 0 || found.points.some((point) => point.test),
    hasImporters: found.count > 0,
    hasFrontDoor:
      module.kind === "file" ||
      module.has_init ||
      module.entry_points.some((point) => point.kind.startsWith("package-")) ||
      hasIndex(module),
    examinedShare: tree.files.length / (tree.files.length + tree.filesLeftOut),
  });
}

function hasIndex(module: ModuleFinding): boolean {
  return module.files.some((file) => /^(src\/|lib\/)?index\.\w+$/.test(file.path));
}

function languageOf(files: readonly FileFinding[]): ModuleFinding["language"] {
  const written = files.filter((file) => !file.declaration);
  const counted = written.length > 0 ? written : files;
  const count = (language: Language) => counted.filter((file) => file.language === language).length;
  const scripts = count("typescript") + count("javascript");
  if (count("python") > 0 && scripts > 0) return "mixed";
  if (count("python") > 0) return "python";
  return count("typescript") >= count("javascript") ? "typescript" : "javascript";
}

function docOf(files: readonly FileFinding[]): string | null {
  const frontDoor = files.find(
    (file) => /^(src\/|lib\/)?(__init__|index)\.\w+$/.test(file.path) && file.doc !== null,
  );
  return (frontDoor ?? (files.length === 1 ? files[0] : undefined))?.doc ?? null;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
