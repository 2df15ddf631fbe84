/**
 * The real parser: tree-sitter compiled to WebAssembly, with the grammars that VS Code ships. Loaded on first use,
 * one grammar at a time, so that a Python-only workspace never pays for TypeScript's.
 *
 * Trees live in WebAssembly memory, which no garbage collector reaches: `withTree` deletes each one (P5).
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Language, Node, Parser } from "@vscode/tree-sitter-wasm";
import type { Dialect } from "./source-language.ts";

/** Longest time for one file, in milliseconds. Ordinary sources take 1 ms per 6 kB; only garbage takes this long. */
const MAX_PARSE_MS = 10_000;

type TreeSitter = typeof import("@vscode/tree-sitter-wasm");

const require = createRequire(import.meta.url);
const grammars = new Map<Dialect, Promise<Language>>();
let parser: Promise<Parser> | undefined;

/** Parses `text`, hands the root to `use`, frees the tree. `null`: the parser gave up after 10 s. */
export async function withTree<T>(dialect: Dialect, text: string, use: (root: Node) => T): Promise<T | null> {
  parser ??= newParser();
  const ready = await parser;
  ready.setLanguage(await grammarOf(dialect));
  const giveUpAt = performance.now() + MAX_PARSE_MS;
  // The callback's declared result is void; the runtime stops when it is true.
  const progressCallback = (): boolean => performance.now() > giveUpAt;
  const tree = ready.parse(text, null, { progressCallback });
  if (tree === null) {
    ready.reset(); // Else the next file would be parsed as the rest of this one.
    return null;
  }
  try {
    return use(tree.rootNode);
  } finally {
    tree.delete();
  }
}

async function newParser(): Promise<Parser> {
  const treeSitter = runtime();
  await treeSitter.Parser.init();
  return new treeSitter.Parser();
}

async function grammarOf(dialect: Dialect): Promise<Language> {
  const loaded = grammars.get(dialect);
  if (loaded) return loaded;
  const folder = dirname(require.resolve("@vscode/tree-sitter-wasm"));
  const loading = runtime().Language.load(join(folder, `tree-sitter-${dialect}.wasm`));
  grammars.set(dialect, loading);
  return loading;
}

function runtime(): TreeSitter {
  return require("@vscode/tree-sitter-wasm") as TreeSitter;
}
