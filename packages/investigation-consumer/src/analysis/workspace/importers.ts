/** Who in the workspace imports a module: its integration points. Bounded; what was left out is said. */
import type { ImportStatement, IntegrationPoint } from "../findings.ts";
import { readSource } from "../files/read-source.ts";
import type { SourceFile } from "../files/walk-sources.ts";
import { parseSource } from "../parse-source.ts";
import { isTestFile } from "../source-language.ts";
import { importTargets, pythonRootOf } from "./import-target.ts";
import { ImportWords } from "./import-words.ts";
import { type WorkspacePicture, withoutExtension } from "./workspace-picture.ts";

/** Files parsed in search of one module's importers: beyond it the name is a word that everybody uses. */
const MAX_PARSED_FILES = 200;
/** Imports kept of files that were parsed, so that neighbours of one module do not parse them again. */
const MAX_REMEMBERED_FILES = 5_000;
/** Longest file parsed, in bytes. */
const MAX_FILE_BYTES = 512 * 1024;

export interface ModulePlace {
  /** Relative to the workspace; `""` for the workspace itself. */
  readonly path: string;
  readonly isFile: boolean;
  /** npm name of the package whose root this is. */
  readonly packageName: string | null;
}

export interface Importers {
  readonly points: readonly IntegrationPoint[];
  readonly count: number;
  /** Candidates that were not parsed. */
  readonly filesLeftOut: number;
}

/** Finds importers for one picture of the workspace. */
export class ImporterSearch {
  readonly #picture: WorkspacePicture;
  #index: ImportWords | undefined;
  readonly #parsed = new Map<string, readonly ImportStatement[]>();

  constructor(picture: WorkspacePicture) {
    this.#picture = picture;
  }

  async find(place: ModulePlace, maxPoints: number): Promise<Importers> {
    if (place.path === "") return { points: [], count: 0, filesLeftOut: 0 };
    const candidates = this.#candidates(place);
    const points: IntegrationPoint[] = [];
    for (const file of candidates.slice(0, MAX_PARSED_FILES)) {
      const matching = (await this.#importsOf(file)).filter((each) => this.#means(each, file, place));
      const [first] = matching;
      if (!first) continue;
      const imports = [...new Set(matching.flatMap((each) => each.names))];
      points.push({ path: file.path, line: first.line, imports, test: isTestFile(file.path) });
    }
    points.sort((a, b) => Number(a.test) - Number(b.test) || (a.path < b.path ? -1 : 1));
    const filesLeftOut = Math.max(0, candidates.length - MAX_PARSED_FILES) + this.#words.filesLeftOut;
    return { points: points.slice(0, maxPoints), count: points.length, filesLeftOut };
  }

  /** Reads the whole workspace, so only when somebody asks for it. */
  get #words(): ImportWords {
    this.#index ??= new ImportWords(this.#picture.root, this.#picture.files);
    return this.#index;
  }

  #candidates(place: ModulePlace): SourceFile[] {
    const words = [
      lastPart(withoutExtensionOf(place)),
      ...(place.packageName ? [lastPart(place.packageName)] : []),
    ];
    const files = new Set(words.flatMap((word) => this.#words.mentioning(word)));
    return [...files].filter((file) => file.path !== place.path && !file.path.startsWith(`${place.path}/`));
  }

  #means(statement: ImportStatement, file: SourceFile, place: ModulePlace): boolean {
    const { specifier } = statement;
    if (
      place.packageName !== null &&
      (specifier === place.packageName || specifier.startsWith(`${place.packageName}/`))
    ) {
      return file.kind.language !== "python";
    }
    const path = withoutExtensionOf(place);
    const roots = [pythonRootOf(place.path, this.#picture)];
    return importTargets(statement, file.path, file.kind.language, this.#picture, roots).some(
      (target) => target === path || target.startsWith(`${path}/`),
    );
  }

  async #importsOf(file: SourceFile): Promise<readonly ImportStatement[]> {
    const known = this.#parsed.get(file.path);
    if (known) return known;
    const reading = readSource(`${this.#picture.root}/${file.path}`, file.kind.language, MAX_FILE_BYTES);
    const parsed = reading.kind === "text" ? await parseSource(file.kind.dialect, reading.text) : null;
    if (this.#parsed.size >= MAX_REMEMBERED_FILES) this.#parsed.clear();
    this.#parsed.set(file.path, parsed?.imports ?? []);
    return parsed?.imports ?? [];
  }
}

function withoutExtensionOf(place: ModulePlace): string {
  return place.isFile ? withoutExtension(place.path) : place.path;
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
