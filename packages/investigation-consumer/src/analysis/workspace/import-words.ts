/**
 * Which files might import what: a cheap index of the words in import-like lines, so that only a handful of files
 * must be parsed to find a module's importers. It may say yes too often; the parser has the last word.
 */
import { readSource } from "../files/read-source.ts";
import type { SourceFile } from "../files/walk-sources.ts";
import { foldName } from "./workspace-picture.ts";

const PYTHON_IMPORTS = /\b(?:from|import)\b[^\n(\\]*(?:\([^)]*\)|(?:\\\n[^\n\\]*)*)/g;
const SCRIPT_SPECIFIERS = /\b(?:from|import|require)\s*\(?\s*["'`]([^"'`\n]{1,300})["'`]/g;
const WORD = /[\w$-]+/g;
/** Longest file looked through, in bytes: imports of larger ones are not found. */
const MAX_FILE_BYTES = 1024 * 1024;
/** Longest time for the whole index, in milliseconds: a slow disk must not eat the deadline of the analysis. */
const MAX_INDEX_MS = 15_000;

export class ImportWords {
  readonly #files = new Map<string, SourceFile[]>();
  /** Files that were not looked at for want of time. */
  readonly filesLeftOut: number;

  constructor(root: string, files: readonly SourceFile[]) {
    const stopAt = performance.now() + MAX_INDEX_MS;
    let read = 0;
    for (const file of files) {
      if (performance.now() > stopAt) break;
      this.#enter(root, file);
      read++;
    }
    this.filesLeftOut = files.length - read;
  }

  /** Files that mention the word in an import. */
  mentioning(word: string): readonly SourceFile[] {
    return this.#files.get(foldName(word)) ?? [];
  }

  #enter(root: string, file: SourceFile): void {
    const reading = readSource(`${root}/${file.path}`, file.kind.language, MAX_FILE_BYTES);
    if (reading.kind === "skipped") return;
    const words = file.kind.language === "python" ? pythonWords(reading.text) : scriptWords(reading.text);
    for (const word of words) {
      const known = this.#files.get(word);
      if (known) known.push(file);
      else this.#files.set(word, [file]);
    }
  }
}

function pythonWords(text: string): Set<string> {
  return new Set(Array.from(text.matchAll(PYTHON_IMPORTS)).flatMap(([match]) => wordsOf(match)));
}

function scriptWords(text: string): Set<string> {
  const specifiers = Array.from(text.matchAll(SCRIPT_SPECIFIERS), (match) => match[1] ?? "");
  return new Set(specifiers.flatMap(wordsOf));
}

function wordsOf(text: string): string[] {
  return (text.match(WORD) ?? []).map(foldName);
}
