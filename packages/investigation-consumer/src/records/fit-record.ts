/** Cuts a record to size: first what is said about definitions, then the definitions, then the files. Pure. */
import type { ClassFinding, FileFinding, FunctionFinding } from "../analysis/findings.ts";
import { type Detail, DETAILS, type InvestigationRecord } from "../record.ts";

/** Files named when their content is left out. */
const MAX_NAMED_FILES = 500;

export interface FittedRecord {
  readonly record: InvestigationRecord;
  /** One line of canonical JSON, without newline. */
  readonly line: string;
}

/** The most detailed form of the record whose line has at most `maxBytes` bytes; the least detailed if none has. */
export function fitRecord(record: InvestigationRecord, maxBytes: number): FittedRecord {
  let fitted: FittedRecord = { record, line: "" };
  for (const detail of DETAILS) {
    const candidate = withDetail(record, detail);
    fitted = { record: candidate, line: JSON.stringify(candidate) };
    if (new TextEncoder().encode(fitted.line).length <= maxBytes) return fitted;
  }
  return fitted;
}

function withDetail(record: InvestigationRecord, detail: Detail): InvestigationRecord {
  if (detail === "full" || record.module === null) return record;
  const { files } = record.module;
  const kept = detail === "none" ? [] : detail === "files" ? files.slice(0, MAX_NAMED_FILES) : files;
  const module = { ...record.module, files: kept.map((file) => fileWithDetail(file, detail)) };
  if (detail !== "none") return { ...record, module, detail };
  const trimmed = {
    entry_points: module.entry_points.slice(0, 10),
    tests: module.tests.slice(0, 10),
    dependencies: module.dependencies.slice(0, 20),
  };
  return {
    ...record,
    module: { ...module, ...trimmed },
    capabilities: record.capabilities.slice(0, 20),
    integration_points: record.integration_points
      .slice(0, 5)
      .map((point) => ({ ...point, imports: point.imports.slice(0, 5) })),
    notes: record.notes.slice(0, 5),
    detail,
  };
}

function fileWithDetail(file: FileFinding, detail: Detail): FileFinding {
  if (detail === "files" || detail === "none") {
    return {
      ...file,
      doc: null,
      functions: [],
      classes: [],
      types: [],
      constants: [],
      imports: [],
      exports: null,
      syntax_errors: [],
    };
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
