/**
 * Derives docs/errors.md from the error classes in packages: each class's code, its doc comment, its home.
 * The doc comment is the one place where an error is explained, so table and code cannot drift apart.
 */
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";

interface ErrorClass {
  readonly code: string;
  readonly name: string;
  readonly meaning: string;
  /** Relative to the checkout. */
  readonly file: string;
}

const HEADER = `# Errors

Every error the project throws on purpose has a stable code. The message says what was wrong, where, and what to do; the
code is what programs may rely on. A control socket, a dead letter and a command's \`--json\` output carry the same code.

This table is generated from the classes (\`npm run generate\`); explain an error in its doc comment.

| code | class | meaning | defined in |
| --- | --- | --- | --- |
`;

/** The text of docs/errors.md for the checkout at `root`. */
export async function errorsTable(root: string): Promise<string> {
  const classes = await findErrorClasses(root);
  const rows = classes.map(
    ({ code, name, meaning, file }) => `| \`${code}\` | \`${name}\` | ${meaning} | [${file}](../${file}) |\n`,
  );
  return HEADER + rows.join("");
}

/** All classes with an `E_…` code under packages/x/src, ordered by code. */
export async function findErrorClasses(root: string): Promise<ErrorClass[]> {
  const found: ErrorClass[] = [];
  for (const file of await sourceFiles(root)) {
    const text = readFileSync(join(root, file), "utf8");
    if (!text.includes('"E_')) continue;
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    source.forEachChild((node) => {
      if (!ts.isClassDeclaration(node) || node.name === undefined) return;
      const code = codeOf(node);
      if (code !== null) found.push({ code, name: node.name.text, meaning: meaningOf(node), file });
    });
  }
  return found.sort((a, b) => (a.code < b.code ? -1 : 1));
}

/** TypeScript sources of all packages, relative to `root`, in order. */
export async function sourceFiles(root: string): Promise<string[]> {
  const packages = await readdir(join(root, "packages"));
  const listings = packages.map(async (name) => {
    const folder = `packages/${name}/src`;
    const entries = await readdir(join(root, folder), { recursive: true }).catch(() => []);
    return entries.filter((entry) => entry.endsWith(".ts")).map((entry) => `${folder}/${entry}`);
  });
  return (await Promise.all(listings)).flat().sort();
}

/** The code that the class hands to its base: the first argument of `super("E_…", …)`. */
function codeOf(node: ts.Node): string | null {
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword) {
    const first = node.arguments[0];
    if (first !== undefined && ts.isStringLiteral(first) && first.text.startsWith("E_")) return first.text;
  }
  return ts.forEachChild(node, (child) => codeOf(child) ?? undefined) ?? null;
}

function meaningOf(node: ts.ClassDeclaration): string {
  const doc = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc);
  const text = ts.getTextOfJSDocComment(doc?.comment) ?? "";
  return text.replace(/\s+/g, " ").replace(/\|/g, "\\|").trim();
}
