/**
 * A whole module, directory or single file: every source file parsed, and the sum of it. What cannot be used is
 * noted and the rest is used; only a tree without any usable source is a failure.
 */
import { statSync } from "node:fs";
import { basename, dirname, posix } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { AnalysisNote, FileFinding, InvestigationOutcome } from "../findings.ts";
import { type SourceFile, type SourceTree, walkSources } from "../files/walk-sources.ts";
import type { AnalysisLimits } from "../limits.ts";
import { sourceKindOf } from "../source-language.ts";
import type { ImporterSearch } from "../workspace/importers.ts";
import { type WorkspacePicture, withoutExtension } from "../workspace/workspace-picture.ts";
import { analyseFile, type FileSurroundings } from "./analyse-file.ts";
import { capabilitiesOf, type NamedFile } from "./capabilities.ts";
import { confidenceFor, moduleFinding, type ModuleToAnalyse, type Reading } from "./module-finding.ts";
import { projectFactsOf } from "./project-facts.ts";

/** Notes kept of one module; the first hundred say what is wrong with it. */
const MAX_NOTES = 100;

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
