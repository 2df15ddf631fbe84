/**
 * What becomes of a completed investigation, decided step by step from what was read: the completion, its record,
 * the module on disk, the registry. Pure; the shell reads and acts.
 *
 * Each completion that asks for an integration ends as exactly one of: integrated, refused (P6).
 */
import type { Facts } from "@kloros/bus";
import type { InvestigatedModule, InvestigationRecord } from "./records/investigation-record.ts";
import type { ModuleEntry } from "./registry/module-entry.ts";
import type { AddResult } from "./registry/registry-file.ts";
import type { ModuleSight, Sight } from "./workspace/inspect-module.ts";

/** Why an integration was refused, and whether the same request can succeed later without a change to its input. */
export const REFUSALS = {
  RecordNotFound: true,
  RecordInvalid: false,
  HypothesisMismatch: false,
  InvalidModuleName: false,
  PathOutsideWorkspace: false,
  ModuleNotFound: false,
  ModuleUnreadable: true,
  NoSourceFiles: false,
  PhantomModule: false,
  WorkspaceUnavailable: true,
  InitNotCreated: true,
  AlreadyIntegrated: false,
  NameConflict: false,
  RegistryUnreadable: true,
  RegistryUnsupported: true,
  RegistryBusy: true,
  RegistryNotWritable: true,
} as const satisfies Record<string, boolean>;

export type RefusalType = keyof typeof REFUSALS;

export interface Refusal {
  readonly kind: "refuse";
  readonly error_type: RefusalType;
  readonly error_message: string;
  /** May have passed in a second: the handler tries again before it refuses for good. */
  readonly isPassing: boolean;
  /** What the operating system said, where it was that. */
  readonly cause?: Error;
}

const PASSING: readonly RefusalType[] = [
  "RecordNotFound",
  "WorkspaceUnavailable",
  "RegistryBusy",
  "RegistryNotWritable",
];
const PREFIX = "UNDISCOVERED_MODULE_";
/** An identifier, dotted or with dashes, as Python and npm name things; a scope before it. */
const MODULE_NAME = /^(?:@[A-Za-z0-9][\w.-]*\/)?[A-Za-z0-9_][\w.-]*$/;
const MAX_NAME_CHARACTERS = 128;
/** Languages as they are written in a sentence. */
const LANGUAGES: Readonly<Record<string, string>> = {
  python: "Python",
  typescript: "TypeScript",
  javascript: "JavaScript",
  mixed: "Mixed",
};
const PYTHON_IDENTIFIER = /^[A-Za-z_]\w*$/;

export function refuse(error_type: RefusalType, error_message: string): Refusal {
  return { kind: "refuse", error_type, error_message, isPassing: PASSING.includes(error_type) };
}

/** The name of the module that a completion asks to integrate; anything else is no request. */
export function readCompletion(
  facts: Facts<"Q_INVESTIGATION_COMPLETE">,
):
  | { readonly kind: "request"; readonly name: string }
  | { readonly kind: "ignore"; readonly reason: string }
  | Refusal {
  if (facts.status === "failed") return { kind: "ignore", reason: "the investigation failed" };
  if (!facts.hypothesis.startsWith(PREFIX))
    return { kind: "ignore", reason: "the hypothesis is no undiscovered module" };
  const name = facts.hypothesis.slice(PREFIX.length);
  if (name.length > MAX_NAME_CHARACTERS || !MODULE_NAME.test(name) || name.includes("..")) {
    const shown = JSON.stringify(name.slice(0, MAX_NAME_CHARACTERS));
    return refuse(
      "InvalidModuleName",
      `${shown} is no module name: letters, digits, _ - . only, at most ${MAX_NAME_CHARACTERS}`,
    );
  }
  return { kind: "request", name };
}

/** The module of a record that fits the completion. */
export function checkRecord(
  facts: Facts<"Q_INVESTIGATION_COMPLETE">,
  name: string,
  record: InvestigationRecord,
): { readonly kind: "module"; readonly module: InvestigatedModule } | Refusal {
  const { investigation_id: id, module } = record;
  if (record.hypothesis !== facts.hypothesis) {
    return refuse(
      "HypothesisMismatch",
      `the completion says ${facts.hypothesis}, record ${id} says ${record.hypothesis}`,
    );
  }
  if (record.question_id !== facts.question_id) {
    return refuse(
      "HypothesisMismatch",
      `the completion is about ${facts.question_id}, record ${id} about ${record.question_id}`,
    );
  }
  if (record.status !== "completed")
    return refuse("RecordInvalid", `record ${id} has status ${record.status}`);
  if (!module) return refuse("RecordInvalid", `record ${id} names no module`);
  if (module.name !== name) {
    return refuse(
      "HypothesisMismatch",
      `the hypothesis is about ${name}, the module of record ${id} is ${module.name}`,
    );
  }
  return { kind: "module", module };
}

/** Whether what lies on disk is a module of this workspace. */
export function checkSight(module: InvestigatedModule, sight: Sight): ModuleSight | Refusal {
  switch (sight.kind) {
    case "no-workspace":
      return refuse("WorkspaceUnavailable", `the workspace cannot be read: ${sight.reason}`);
    case "outside":
      return refuse(
        "PathOutsideWorkspace",
        `${module.path} lies outside the workspace (really at ${sight.realPath})`,
      );
    case "missing":
      return refuse("ModuleNotFound", `Module path does not exist: ${sight.path}`);
    case "unreadable":
      return refuse("ModuleUnreadable", `${sight.path} cannot be read: ${sight.reason}`);
    case "seen":
      if (sight.sourceFiles === 0)
        return refuse("NoSourceFiles", `${sight.realPath} holds no Python, TypeScript or JavaScript sources`);
      if (!sight.recordedFilesExist) {
        return refuse(
          "PhantomModule",
          `none of the files that the investigation saw in ${sight.realPath} exists any more; investigate again`,
        );
      }
      return sight;
  }
}

/** A folder of Python files that cannot be imported as a package yet, though its name allows it. */
export function needsInit(sight: ModuleSight): boolean {
  const name = sight.relativePath.split("/").at(-1) ?? "";
  return (
    sight.isDirectory &&
    !sight.hasInit &&
    sight.directPyFiles > 0 &&
    sight.pyFiles * 2 >= sight.sourceFiles && // A few scripts in a TypeScript project make no Python package.
    PYTHON_IDENTIFIER.test(name)
  );
}

/** The entry to register. @param now RFC 3339, UTC */
export function entryFor(
  record: InvestigationRecord,
  module: InvestigatedModule,
  sight: ModuleSight,
  now: string,
): ModuleEntry {
  const path = sight.relativePath === "" ? "." : sight.relativePath;
  return {
    name: module.name,
    module: module.import_path ?? path.replace(/\.(?:pyi?|[mc]?[jt]sx?)$/, "").replaceAll("/", "."),
    path,
    description:
      module.description ?? `${LANGUAGES[module.language] ?? "Source"} module, ${count(sight.sourceFiles)}`,
    language: module.language,
    discovered_at: now,
    py_files: sight.pyFiles,
    source_files: sight.sourceFiles,
    confidence: record.confidence,
    investigation_id: record.investigation_id,
    capabilities: record.capabilities,
  };
}

/** What the registry's answer means. `own`: this very investigation has added it before. */
export function readAddition(
  entry: ModuleEntry,
  result: AddResult | { readonly kind: "new" },
): { readonly kind: "new" | "added" | "own" } | Refusal {
  switch (result.kind) {
    case "new":
    case "added":
    case "own":
      return { kind: result.kind };
    case "registered":
      return refuse(
        "AlreadyIntegrated",
        `${entry.module} is registered already, as ${result.as.name}${atLine(result.as.line)}`,
      );
    case "name-taken": {
      const what = result.by.isModule
        ? `the module ${result.by.module ?? ""}`
        : "something that is no module";
      return refuse(
        "NameConflict",
        `the name ${entry.name} is taken by ${what}${atLine(result.by.line)}; rename one of them`,
      );
    }
    case "unreadable":
      return refuse(
        "RegistryUnreadable",
        `capabilities.yaml, line ${result.line}, column ${result.column}: ${result.message}`,
      );
    case "unsupported":
      return refuse(
        "RegistryUnsupported",
        `capabilities.yaml, line ${result.line}, column ${result.column}: ${result.message}`,
      );
    case "busy":
      return refuse("RegistryBusy", result.message);
    case "unwritable":
      return {
        ...refuse("RegistryNotWritable", result.message),
        ...(result.cause && { cause: result.cause }),
      };
  }
}

function atLine(line: number): string {
  return line > 0 ? ` (capabilities.yaml, line ${line})` : "";
}

function count(files: number): string {
  return files === 1 ? "1 source file" : `${files} source files`;
}
