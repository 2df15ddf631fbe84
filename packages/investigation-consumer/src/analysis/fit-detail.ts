/**
 * Cuts what was found to size: first the words about definitions, then the definitions, then the files. Works on
 * outcomes (in the analysing process, so that no giant crosses to the daemon) and on records alike. Pure.
 */
import type {
  AnalysisNote,
  ClassFinding,
  Detail,
  FileFinding,
  FunctionFinding,
  IntegrationPoint,
  ModuleFinding,
} from "./findings.ts";

const LEVELS: readonly Detail[] = ["full", "signatures", "names", "files", "none"];
/** Files named when their content is left out. */
const MAX_NAMED_FILES = 500;

interface Detailed {
  readonly module: ModuleFinding | null;
  readonly capabilities: readonly string[];
  readonly integration_points: readonly IntegrationPoint[];
  readonly notes: readonly AnalysisNote[];
  readonly detail: Detail;
}

export interface Fitted<T> {
  readonly value: T;
  /** The value as one line of JSON, without newline. */
  readonly line: string;
}

/** The most detailed form whose line has at most `maxBytes` bytes; the least detailed if none has. */
export function fitDetail<T extends Detailed>(whole: T, maxBytes: number): Fitted<T> {
  let fitted: Fitted<T> = { value: whole, line: JSON.stringify(whole) };
  for (const detail of LEVELS.slice(LEVELS.indexOf(whole.detail) + 1)) {
    if (new TextEncoder().encode(fitted.line).length <= maxBytes) return fitted;
    const value = withDetail(whole, detail);
    fitted = { value, line: JSON.stringify(value) };
  }
  return fitted;
}

function withDetail<T extends Detailed>(whole: T, detail: Detail): T {
  if (whole.module === null) return whole;
  const { files } = whole.module;
  const kept = detail === "none" ? [] : detail === "files" ? files.slice(0, MAX_NAMED_FILES) : files;
  const module = { ...whole.module, files: kept.map((file) => fileWithDetail(file, detail)) };
  if (detail !== "none") return { ...whole, module, detail };
  const { entry_points, tests, dependencies } = module;
  const trimmed = {
    entry_points: entry_points.slice(0, 10),
    tests: tests.slice(0, 10),
    dependencies: dependencies.slice(0, 20),
  };
  return {
    ...whole,
    module: { ...module, ...trimmed },
    capabilities: whole.capabilities.slice(0, 20),
    integration_points: whole.integration_points
      .slice(0, 5)
      .map((point) => ({ ...point, imports: point.imports.slice(0, 5) })),
    notes: whole.notes.slice(0, 5),
    detail,
  };
}

function fileWithDetail(file: FileFinding, detail: Detail): FileFinding {
  if (detail === "files" || detail === "none") {
    const nothing = { functions: [], classes: [], types: [], constants: [], imports: [], syntax_errors: [] };
    return { ...file, ...nothing, doc: null, exports: null };
  }
  const short = detail === "signatures" ? withoutWords : withoutSignature;
  const shortClass = (each: ClassFinding): ClassFinding => ({
    ...each,
    doc: null,
    decorators: [],
    methods: each.methods.map(short),
  });
  const imports = detail === "names" ? [] : file.imports.map((each) => ({ ...each, names: [] }));
  return {
    ...file,
    doc: null,
    functions: file.functions.map(short),
    classes: file.classes.map(shortClass),
    imports,
  };
}

function withoutWords(each: FunctionFinding): FunctionFinding {
  return { ...each, doc: null, decorators: [], parameters: [] };
}

function withoutSignature(each: FunctionFinding): FunctionFinding {
  return { ...withoutWords(each), signature: "", returns: null };
}
