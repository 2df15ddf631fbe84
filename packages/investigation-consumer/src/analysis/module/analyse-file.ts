/** One source file of a module: read, parsed, and put in relation to its workspace. */
import { posix } from "node:path";
import type { AnalysisNote, FileFinding, ParsedSource } from "../findings.ts";
import { readSource } from "../files/read-source.ts";
import type { SourceFile } from "../files/walk-sources.ts";
import { parseSource } from "../parse-source.ts";
import { isTestFile, stemOf } from "../source-language.ts";
import type { WorkspacePicture } from "../workspace/workspace-picture.ts";
import { type PublicNames, publicNames } from "./capabilities.ts";
import { importOrigin } from "./import-origin.ts";

export interface FileSurroundings {
  readonly picture: WorkspacePicture;
  /** Absolute folder that the file's path is relative to. */
  readonly root: string;
  /** The same, relative to the workspace. */
  readonly relativeRoot: string;
  readonly packageName: string | null;
  readonly maxFileBytes: number;
}

export type FileAnalysis =
  | {
      readonly kind: "read";
      readonly file: FileFinding;
      readonly names: PublicNames;
      readonly notes: readonly AnalysisNote[];
    }
  | { readonly kind: "skipped"; readonly note: AnalysisNote };

export async function analyseFile(source: SourceFile, around: FileSurroundings): Promise<FileAnalysis> {
  const { path, kind } = source;
  const reading = readSource(`${around.root}/${path}`, kind.language, around.maxFileBytes);
  if (reading.kind === "skipped")
    return { kind: "skipped", note: { kind: reading.reason, path, message: reading.message } };
  const parsed = await parseSource(kind.dialect, reading.text);
  if (parsed === null) {
    return {
      kind: "skipped",
      note: { kind: "parse-timeout", path, message: "the parser gave up on it after 10 s" },
    };
  }
  const notes: AnalysisNote[] =
    reading.problem === null ? [] : [{ kind: "encoding", path, message: reading.problem }];
  const file = fileFinding(source, parsed, reading, around);
  return {
    kind: "read",
    file,
    names: publicNames(parsed, kind.language, stemOf(posix.basename(path))),
    notes,
  };
}

function fileFinding(
  { path, kind }: SourceFile,
  parsed: ParsedSource,
  reading: { readonly text: string; readonly bytes: number },
  around: FileSurroundings,
): FileFinding {
  const { export_aliases: _, imports, ...rest } = parsed;
  const importer = posix.join(around.relativeRoot, path);
  return {
    path,
    language: kind.language,
    lines: lineCount(reading.text),
    bytes: reading.bytes,
    test: isTestFile(path),
    declaration: kind.declaration,
    ...rest,
    imports: imports.map((statement) => ({
      ...statement,
      origin: importOrigin(statement, importer, kind.language, around.picture, around.packageName),
    })),
  };
}

function lineCount(text: string): number {
  if (text === "") return 0;
  let lines = text.endsWith("\n") ? 0 : 1;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}
