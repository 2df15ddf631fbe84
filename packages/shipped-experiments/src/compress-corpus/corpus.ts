/**
 * The text that is compressed: files of a folder, chosen by their names alone, so that every candidate of a cycle gets the
 * same ones. Half of the names are for the search, the others are kept back for the probation.
 */
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ComplaintError } from "../run-experiment.ts";

export type Half = "search" | "kept_back";

export interface Corpus {
  readonly folder: string;
  readonly files: number;
  readonly data: Buffer;
  /** The first 16 digits of its SHA-256: two measurements compare only where it is the same. */
  readonly fingerprint: string;
}

/** One MiB is compressed in some ten milliseconds, and large enough for the windows to matter. */
const MAX_CORPUS_BYTES = 1024 * 1024;
/** With less, the figures say little; then the sources of the mesh are taken instead. */
const MIN_CORPUS_BYTES = 64 * 1024;
const MAX_FILE_BYTES = 256 * 1024;
/** Entries looked at, so that a huge workspace costs every candidate some ten milliseconds, not seconds. */
const MAX_ENTRIES = 5_000;
const TEXT =
  /\.(c|cc|cfg|cpp|css|csv|go|h|hpp|html|ini|java|js|json|jsonl|jsx|kt|log|md|mjs|php|py|rb|rs|rst|sh|sql|svg|toml|ts|tsx|txt|xml|ya?ml)$/i;
const SKIPPED_FOLDERS = new Set(["node_modules", "dist", "build", "target", "vendor", "__pycache__"]);
/** `packages/` of the installation: it is always there. */
const OWN_SOURCES = fileURLToPath(new URL("../../..", import.meta.url));

/** Text of `folder`, or of the mesh's own sources where the folder has too little. @throws {ComplaintError} there is none at all */
export function readCorpus(folder: string, half: Half): Corpus {
  const corpus = readFrom(folder, half);
  if (corpus.data.length >= MIN_CORPUS_BYTES) return corpus;
  const own = readFrom(OWN_SOURCES, half);
  if (own.data.length >= MIN_CORPUS_BYTES) return own;
  throw new ComplaintError(
    `${folder} has ${corpus.data.length} bytes of text in files that fit; at least ${MIN_CORPUS_BYTES} are needed`,
  );
}

function readFrom(folder: string, half: Half): Corpus {
  const chosen = textFiles(folder)
    .map((path) => ({ path, key: createHash("sha256").update(path).digest() }))
    .filter(({ key }) => ((key[0] ?? 0) < 128 ? "search" : "kept_back") === half)
    .sort((a, b) => a.key.compare(b.key));
  const parts: Buffer[] = [];
  let bytes = 0;
  for (const { path } of chosen) {
    const content = readText(join(folder, path));
    if (!content) continue;
    parts.push(content.subarray(0, MAX_CORPUS_BYTES - bytes));
    bytes += parts.at(-1)?.length ?? 0;
    if (bytes >= MAX_CORPUS_BYTES) break;
  }
  const data = Buffer.concat(parts);
  const fingerprint = createHash("sha256").update(data).digest("hex").slice(0, 16);
  return { folder, files: parts.length, data, fingerprint };
}

/** Paths below `folder`, nearest first, each folder in the order of its names. */
function textFiles(folder: string): string[] {
  const found: string[] = [];
  const folders = [""];
  let entries = 0;
  for (let at = folders.shift(); at !== undefined && entries < MAX_ENTRIES; at = folders.shift()) {
    for (const entry of listed(join(folder, at))) {
      if (++entries > MAX_ENTRIES) break;
      const path = join(at, entry.name);
      if (entry.isDirectory() && !entry.name.startsWith(".") && !SKIPPED_FOLDERS.has(entry.name))
        folders.push(path);
      else if (entry.isFile() && TEXT.test(entry.name)) found.push(path);
    }
  }
  return found;
}

function listed(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return []; // Not ours to read, or gone in the meantime.
  }
}

function readText(path: string): Buffer | null {
  try {
    const found = lstatSync(path);
    if (!found.isFile() || found.size === 0 || found.size > MAX_FILE_BYTES) return null;
    const content = readFileSync(path);
    return content.includes(0) ? null : content;
  } catch {
    return null; // Gone in the meantime.
  }
}
