/** Whose an imported module is: the workspace's own, the language's, or somebody else's. */
import { builtinModules } from "node:module";
import type { ImportOrigin, ImportStatement, Language } from "../findings.ts";
import { PYTHON_STANDARD_MODULES } from "../python/standard-modules.ts";
import { importTargets } from "../workspace/import-target.ts";
import type { WorkspacePicture } from "../workspace/workspace-picture.ts";

const NODE_MODULES: ReadonlySet<string> = new Set(builtinModules);

/** `importer` is relative to the workspace; `packageName` is the npm name of the package around it. */
export function importOrigin(
  statement: ImportStatement,
  importer: string,
  language: Language,
  picture: WorkspacePicture,
  packageName: string | null,
): ImportOrigin {
  return language === "python"
    ? pythonOrigin(statement, importer, picture)
    : scriptOrigin(statement.specifier, packageName);
}

/** Name of the package that an external import comes from: `@scope/name`, `numpy`. */
export function packageOf(specifier: string, language: Language): string {
  if (language === "python") return specifier.split(".", 1)[0] ?? specifier;
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function pythonOrigin(statement: ImportStatement, importer: string, picture: WorkspacePicture): ImportOrigin {
  if (statement.specifier.startsWith(".")) return "internal";
  const topLevel = statement.specifier.split(".", 1)[0] ?? statement.specifier;
  const known = { specifier: topLevel, names: [], line: statement.line };
  if (importTargets(known, importer, "python", picture).some((path) => picture.has(path))) return "internal";
  return PYTHON_STANDARD_MODULES.has(topLevel) || topLevel.startsWith("_") ? "standard" : "external";
}

function scriptOrigin(specifier: string, packageName: string | null): ImportOrigin {
  if (/^[.#/]/.test(specifier)) return "internal";
  if (packageName !== null && packageOf(specifier, "javascript") === packageName) return "internal";
  return specifier.startsWith("node:") || NODE_MODULES.has(specifier) ? "standard" : "external";
}
