/**
 * What an analysis finds, as plain data: it crosses the worker boundary and most of it goes into the record as it is.
 * Names follow the record's (snake_case), so there is no mapping layer.
 */
export type Language = "python" | "typescript" | "javascript";

/** A function, method, or function-valued constant. */
export interface FunctionFinding {
  /** Its name; methods without their class, members of a namespace with it (`Space.f`). */
  readonly name: string;
  /** One line, as written: `async def load(path: str, *, retries: int = 3) -> bytes`. */
  readonly signature: string;
  readonly parameters: readonly string[];
  readonly returns: string | null;
  readonly async: boolean;
  readonly decorators: readonly string[];
  /** First paragraph of its docstring or JSDoc. */
  readonly doc: string | null;
  /** 1-based line of `def`, `function` or the name. */
  readonly line: number;
}

export interface ClassFinding {
  /** Qualified by enclosing classes and namespaces (`Outer.Inner`). */
  readonly name: string;
  readonly bases: readonly string[];
  readonly decorators: readonly string[];
  readonly methods: readonly FunctionFinding[];
  readonly doc: string | null;
  readonly line: number;
}

export interface ImportStatement {
  /** As written: `a.b`, `..sibling`, `./file.ts`, `@scope/name`. */
  readonly specifier: string;
  /** Names taken from it; empty for the whole module. */
  readonly names: readonly string[];
  readonly line: number;
}

/** `internal`: of the module or its workspace. `standard`: of the language. `external`: of somebody else. */
export type ImportOrigin = "internal" | "standard" | "external";

export interface ImportFinding extends ImportStatement {
  readonly origin: ImportOrigin;
}

export interface SyntaxProblem {
  readonly line: number;
  readonly message: string;
}

/** What one text holds. Nothing here depends on where it lies. */
export interface ParsedSource {
  readonly doc: string | null;
  readonly functions: readonly FunctionFinding[];
  readonly classes: readonly ClassFinding[];
  /** Interfaces, type aliases and enums (TypeScript). */
  readonly types: readonly string[];
  /** Names in UPPER_CASE that are assigned at module level. */
  readonly constants: readonly string[];
  readonly imports: readonly ImportStatement[];
  /** Python: `__all__`, or null where there is none. TypeScript, JavaScript: exported names, or null if it exports nothing. */
  readonly exports: readonly string[] | null;
  /** Local name and exported name, where the two differ (`export { a as b }`, `export default f`). */
  readonly export_aliases: readonly (readonly [local: string, exported: string])[];
  /** Python: `if __name__ == "__main__"`. */
  readonly runs_as_main: boolean;
  readonly shebang: string | null;
  /** Test cases in it: `test_*` functions and methods, calls of `it` and `test`. */
  readonly test_cases: number;
  /** Empty: parsed cleanly. Else the first few places; everything around them was still used. */
  readonly syntax_errors: readonly SyntaxProblem[];
}

/** One source file of the analysed module. */
export interface FileFinding extends Omit<ParsedSource, "imports" | "export_aliases"> {
  /** Relative to the module's directory, with `/`. */
  readonly path: string;
  readonly language: Language;
  readonly lines: number;
  readonly bytes: number;
  readonly test: boolean;
  /** A `.d.ts` or `.pyi` file: says what is elsewhere. */
  readonly declaration: boolean;
  readonly imports: readonly ImportFinding[];
}

/** Something of the tree that was not used, or not as it stands. */
export interface AnalysisNote {
  readonly kind:
    | "too-large"
    | "too-many-files"
    | "too-deep"
    | "binary"
    | "encoding"
    | "permission"
    | "unreadable"
    | "symlink"
    | "not-a-file"
    | "generated"
    | "parse-timeout"
    | "manifest"
    | "ambiguous"
    | "path"
    | "scan-limit";
  /** Path it is about, relative to the workspace where it lies inside. */
  readonly path: string;
  readonly message: string;
}

export interface EntryPoint {
  readonly kind:
    "main-guard" | "main-module" | "shebang" | "console-script" | "bin" | "package-main" | "package-export";
  readonly name: string;
  /** File or object it starts (`cli.py`, `pkg.cli:main`). */
  readonly target: string;
}

export interface TestFile {
  readonly path: string;
  readonly cases: number;
}

/** A file elsewhere in the workspace that imports the module. */
export interface IntegrationPoint {
  /** Relative to the workspace. */
  readonly path: string;
  readonly line: number;
  readonly imports: readonly string[];
  readonly test: boolean;
}

export interface ModuleFinding {
  readonly name: string;
  /** Absolute, symlinks resolved. */
  readonly path: string;
  readonly relative_path: string;
  /** Dotted, from the workspace: `src.audio`. */
  readonly import_path: string;
  readonly kind: "directory" | "file";
  readonly language: Language | "mixed";
  readonly package_name: string | null;
  /** First paragraph of its front door's docstring or JSDoc. */
  readonly description: string | null;
  readonly has_init: boolean;
  readonly py_files_count: number;
  readonly source_files_count: number;
  readonly broken_files_count: number;
  readonly skipped_files_count: number;
  readonly functions_count: number;
  readonly classes_count: number;
  readonly methods_count: number;
  readonly entry_points: readonly EntryPoint[];
  readonly tests: readonly TestFile[];
  /** Packages of others that it needs. */
  readonly dependencies: readonly string[];
  readonly files: readonly FileFinding[];
}

/** What is left of `module.files` to keep within the limit: all; no docs; no signatures; no definitions; nothing. */
export type Detail = "full" | "signatures" | "names" | "files" | "none";

export type InvestigationOutcome =
  | {
      readonly kind: "found";
      readonly module: ModuleFinding;
      readonly capabilities: readonly string[];
      /** Before the limit on how many are listed. */
      readonly capabilities_count: number;
      readonly integration_points: readonly IntegrationPoint[];
      readonly integration_points_count: number;
      readonly confidence: number;
      readonly notes: readonly AnalysisNote[];
      readonly detail: Detail;
    }
  | {
      readonly kind: "failed";
      readonly error: InvestigationFailure;
      readonly notes: readonly AnalysisNote[];
    };

/** Stable words for why an investigation failed; README lists them. */
export type FailureType =
  | "NoModuleNamed"
  | "PathNotFound"
  | "PathOutsideWorkspace"
  | "ModuleNotFound"
  | "WorkspaceUnreadable"
  | "UnreadableTree"
  | "NothingToAnalyse"
  | "AnalysisTimeout"
  | "AnalysisCrashed";

export interface InvestigationFailure {
  readonly type: FailureType;
  readonly message: string;
}
