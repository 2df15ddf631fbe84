/**
 * A whole module, directory or single file: every source file parsed, and the sum of it. What cannot be used is
 * noted and the rest is used; only a tree without any usable source is a failure.
 */
import { statSync } from "node:fs";
import { basename, dirname, posix } from "node:path";
import { setImmediate } from "node:timers/promises";
import type {
  AnalysisNote,
  FileFinding,
  InvestigationOutcome,
  Language,
  ModuleFinding,
} from "../findings.ts";
import { type SourceFile, type SourceTree, walkSources } from "../files/walk-sources.ts";
import type { AnalysisLimits } from "../limits.ts";
import { sourceKindOf } from "../source-language.ts";
import type { ImporterSearch, Importers } from "../workspace/importers.ts";
import { type WorkspacePicture, withoutExtension } from "../workspace/workspace-picture.ts";
import { analyseFile, type FileSurroundings } from "./analyse-file.ts";
import { capabilitiesOf, type NamedFile } from "./capabilities.ts";
import { confidenceOf } from "./confidence.ts";
import { entryPointsOf } from "./entry-points.ts";
import { packageOf } from "./import-origin.ts";
import { type ProjectFacts, projectFactsOf } from "./project-facts.ts";

/** Notes kept of one module; the first hundred say what is wrong with it. */
const MAX_NOTES = 100;
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
interface Reading {
  readonly files: readonly FileFinding[];
  readonly named: readonly NamedFile[];
  readonly notes: readonly AnalysisNote[];
  readonly skipped: number;
}

export async function analyseModule(
  target: ModuleToAnalyse,
  picture: WorkspacePicture,
  importers: ImporterSearch,
  limits: AnalysisLimits,
): Promise<InvestigationOutcome> {
  const isFile = !statSync(target.path).isDirectory();
  const tree = isFile ? singleFile(target.path) : walkSources(target.path, limits.maxModuleFiles);
  const root = isFile ? dirname(target.path) : target.path;
  const relativeRoot = isFile ? slashless(posix.dirname(target.relativePath)) : target.relativePath;
  const project = projectFactsOf(
    picture,
    relativeRoot,
    isFile ? withoutExtension(target.relativePath) : relativeRoot,
  );
  const packageName = project.packageName;
  const reading = await readAll(tree, {
    picture,
    root,
    relativeRoot,
    packageName,
    maxFileBytes: limits.maxFileBytes,
  });
  const notes = [
    ...target.notes,
    ...project.notes,
    ...tree.notes,
    ...reading.notes,
    ...leftOutNote(tree, limits),
  ];
  const failed = failureOf(target, tree, reading, notes);
  if (failed) return failed;
  const ownPackage = project.isPackageRoot && !isFile ? packageName : null;
  const found = await importers.find(
    { path: target.relativePath, isFile, packageName: ownPackage },
    limits.maxIntegrationPoints,
  );
  if (found.filesLeftOut > 0) notes.push(scanNote(found.filesLeftOut + picture.filesLeftOut));
  const capabilities = capabilitiesOf(reading.named);
  const module = moduleFinding(target, isFile, tree, reading, project);
  return {
    kind: "found",
    module,
    capabilities: capabilities.slice(0, limits.maxCapabilities),
    capabilities_count: capabilities.length,
    integration_points: found.points,
    integration_points_count: found.count,
    confidence: confidenceFor(module, tree, reading, capabilities.length, found),
    notes: notes.slice(0, MAX_NOTES),
    detail: "full",
  };
}

function singleFile(path: string): SourceTree {
  const kind = sourceKindOf(basename(path));
  const files: SourceFile[] = kind ? [{ path: basename(path), kind }] : [];
  return { files, folders: [], notes: [], filesLeftOut: 0, rootError: null };
}

async function readAll(tree: SourceTree, around: FileSurroundings): Promise<Reading> {
  const files: FileFinding[] = [];
  const named: NamedFile[] = [];
  const notes: AnalysisNote[] = [];
  let skipped = 0;
  for (const source of tree.files) {
    await setImmediate(); // The end of the daemon is noticed between two files.
    const analysis = await analyseFile(source, around);
    if (analysis.kind === "skipped") {
      skipped++;
      notes.push(analysis.note);
      continue;
    }
    const { file } = analysis;
    files.push(file);
    notes.push(...analysis.notes);
    named.push({ path: file.path, test: file.test, language: file.language, names: analysis.names });
  }
  return { files, named, notes, skipped };
}

function failureOf(
  target: ModuleToAnalyse,
  tree: SourceTree,
  reading: Reading,
  notes: readonly AnalysisNote[],
): InvestigationOutcome | undefined {
  if (reading.files.length > 0) return undefined;
  const where = target.relativePath || ".";
  const kept = notes.slice(0, MAX_NOTES);
  if (tree.rootError !== null) {
    return {
      kind: "failed",
      notes: kept,
      error: { type: "UnreadableTree", message: `${where} cannot be read (${tree.rootError})` },
    };
  }
  if (tree.files.length > 0) {
    const reasons = [...new Set(reading.notes.map((note) => `${note.path}: ${note.message}`))]
      .slice(0, 3)
      .join("; ");
    const message = `${where}: none of its ${tree.files.length} source files could be used: ${reasons}`;
    return { kind: "failed", notes: kept, error: { type: "UnreadableTree", message } };
  }
  const denied = tree.notes.filter((note) => note.kind === "permission" || note.kind === "unreadable");
  const hint = denied.length > 0 ? `; ${denied.length} folders in it cannot be read` : "";
  const message = `${where} holds no Python, TypeScript or JavaScript source${hint}`;
  return {
    kind: "failed",
    notes: kept,
    error: { type: denied.length > 0 ? "UnreadableTree" : "NothingToAnalyse", message },
  };
}

function moduleFinding(
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

function confidenceFor(
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

function leftOutNote(tree: SourceTree, limits: AnalysisLimits): AnalysisNote[] {
  if (tree.filesLeftOut === 0) return [];
  const message = `${tree.filesLeftOut} source files more than the limit of ${limits.maxModuleFiles}; not read`;
  return [{ kind: "too-many-files", path: ".", message }];
}

function scanNote(filesLeftOut: number): AnalysisNote {
  return {
    kind: "scan-limit",
    path: ".",
    message: `${filesLeftOut} files were not looked through for imports of it`,
  };
}

function slashless(folder: string): string {
  return folder === "." ? "" : folder;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
