/**
 * What a module can do for others: its public functions and classes, under the names they are called by.
 *
 * Python: top-level names without a leading underscore; where a file has `__all__`, those in it. TypeScript and
 * JavaScript: what is exported (a default export under its own name, else under the file's); a module of which no
 * file exports anything offers its top-level names. Tests offer nothing. `__init__` and `index` come first.
 */
import type { Language, ParsedSource } from "../findings.ts";

const FRONT_DOORS = /(^|\/)(__init__|index|main|mod)\.\w+$/;
const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
/** Longest name that is offered, in characters. */
const MAX_NAME_CHARS = 120;

export interface PublicNames {
  readonly exported: readonly string[];
  /** All top-level names without a leading underscore, exported or not. */
  readonly defined: readonly string[];
}

export interface NamedFile {
  readonly path: string;
  readonly test: boolean;
  readonly language: Language;
  readonly names: PublicNames;
}

/** `stem` is the file's name without extension; it names an anonymous default export. */
export function publicNames(parsed: ParsedSource, language: Language, stem: string): PublicNames {
  const own = [...parsed.functions, ...parsed.classes]
    .toSorted((a, b) => a.line - b.line)
    .map((each) => each.name)
    .filter((name) => NAME.test(name));
  const defined = own.filter((name) => !name.startsWith("_") && name !== "default");
  if (language === "python") {
    const all = parsed.exports === null ? null : new Set(parsed.exports);
    return { exported: all === null ? defined : own.filter((name) => all.has(name)), defined };
  }
  return { exported: exportedCallables(parsed, own, stem), defined };
}

/** In the order of files (front doors first, then by path) and of lines; without repetitions. */
export function capabilitiesOf(files: readonly NamedFile[]): string[] {
  const sources = files.filter((file) => !file.test).toSorted((a, b) => rankOf(a) - rankOf(b));
  const scripts = sources.filter((file) => file.language !== "python");
  const exportsNothing = scripts.every((file) => file.names.exported.length === 0);
  const names = sources.flatMap((file) =>
    file.language !== "python" && exportsNothing ? file.names.defined : file.names.exported,
  );
  return [...new Set(names)].filter((name) => name.length <= MAX_NAME_CHARS);
}

function exportedCallables(parsed: ParsedSource, own: readonly string[], stem: string): string[] {
  const exports = new Set(parsed.exports ?? []);
  const aliases = new Map(parsed.export_aliases);
  return own.flatMap((name) => {
    if (name === "default") return NAME.test(stem) && stem !== "index" ? [stem] : [];
    const alias = aliases.get(name);
    if (alias !== undefined) return [alias === "default" || !NAME.test(alias) ? name : alias];
    return exports.has(name) ? [name] : [];
  });
}

function rankOf(file: NamedFile): number {
  return FRONT_DOORS.test(file.path) ? file.path.split("/").length : 1_000;
}
