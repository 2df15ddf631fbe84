/** From the text of one file to what it holds. Knows no files: `analyse-file.ts` brings the text. */
import type { Node } from "@vscode/tree-sitter-wasm";
import type { ParsedSource } from "./findings.ts";
import { withTree } from "./grammars.ts";
import { pythonDefinitions } from "./python/definitions.ts";
import { docstringOf } from "./python/docstrings.ts";
import { pythonImports } from "./python/imports.ts";
import { pythonModuleLevel } from "./python/module-level.ts";
import { scriptDefinitions } from "./script/definitions.ts";
import { scriptExports } from "./script/exports.ts";
import { scriptImports } from "./script/imports.ts";
import { fileDocOf } from "./script/jsdoc.ts";
import type { Dialect } from "./source-language.ts";
import { childrenOf, field, syntaxProblems } from "./syntax-tree.ts";

const CONSTANT = /^[A-Z][A-Z0-9_]*$/;
/** Characters of a first line that are looked at for `#!`. */
const MAX_SHEBANG_CHARS = 200;

/** null: the parser gave up on it after 10 s. Syntax errors are no failure: what stands around them is found. */
export async function parseSource(dialect: Dialect, text: string): Promise<ParsedSource | null> {
  const parsed = await withTree(dialect, text, (root) => extract(dialect, text, root));
  if (dialect !== "javascript" || parsed === null || parsed.syntax_errors.length === 0) return parsed;
  // Much JavaScript carries types (Flow, or TypeScript under the wrong extension): then that grammar fits better.
  const typed = await withTree("tsx", text, (root) => extract("tsx", text, root));
  return typed?.syntax_errors.length === 0 ? typed : parsed;
}

function extract(dialect: Dialect, text: string, root: Node): ParsedSource {
  return dialect === "python" ? extractPython(text, root) : extractScript(text, root);
}

function extractPython(text: string, root: Node): ParsedSource {
  const definitions = pythonDefinitions(root);
  const { all, constants, runsAsMain } = pythonModuleLevel(root);
  const callables = [...definitions.functions, ...definitions.classes.flatMap((each) => each.methods)];
  return {
    ...definitions,
    doc: docstringOf(root),
    types: [],
    constants,
    imports: pythonImports(root),
    exports: all,
    export_aliases: [],
    runs_as_main: runsAsMain,
    shebang: shebangOf(text),
    test_cases: callables.filter((callable) => callable.name.startsWith("test")).length,
    syntax_errors: syntaxProblems(root),
  };
}

function extractScript(text: string, root: Node): ParsedSource {
  const { imports, testCases } = scriptImports(root);
  const { names, aliases } = scriptExports(root);
  return {
    ...scriptDefinitions(root),
    doc: fileDocOf(root),
    constants: scriptConstants(root),
    imports,
    exports: names,
    export_aliases: aliases,
    runs_as_main: false,
    shebang: shebangOf(text),
    test_cases: testCases,
    syntax_errors: syntaxProblems(root),
  };
}

function scriptConstants(root: Node): string[] {
  const declarations = childrenOf(root)
    .map((statement) => (statement.type === "export_statement" ? field(statement, "declaration") : statement))
    .filter((statement) => statement?.type === "lexical_declaration");
  const names = declarations.flatMap((declaration) =>
    declaration ? childrenOf(declaration).map((declarator) => field(declarator, "name")?.text ?? "") : [],
  );
  return [...new Set(names.filter((name) => CONSTANT.test(name)))];
}

function shebangOf(text: string): string | null {
  if (!text.startsWith("#!")) return null;
  return text.slice(2, MAX_SHEBANG_CHARS).split("\n", 1)[0]?.trim() ?? null;
}
