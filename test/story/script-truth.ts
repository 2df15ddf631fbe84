/** Functions and classes that are declared at the top of a JavaScript or TypeScript file, as TypeScript's compiler sees them. */
import ts from "typescript";
import type { Definition } from "./python-truth.ts";

/** Null when not even the compiler can read the file. */
export function declarationsIn(path: string, text: string): readonly Definition[] | null {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const { parseDiagnostics } = source as unknown as { parseDiagnostics: readonly unknown[] };
  if (parseDiagnostics.length > 0) return null;
  return source.statements.flatMap((node): Definition[] => {
    const kind = ts.isFunctionDeclaration(node) ? "def" : ts.isClassDeclaration(node) ? "class" : null;
    if (kind === null) return [];
    const { name } = node as ts.FunctionDeclaration | ts.ClassDeclaration;
    if (name === undefined) return [];
    return [[kind, name.text, source.getLineAndCharacterOfPosition(name.getStart(source)).line + 1]];
  });
}
