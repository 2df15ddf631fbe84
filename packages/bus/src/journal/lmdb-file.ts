/**
 * Looks at a journal's file before it is mapped. A mapped file that is shorter than its pages kills the process without a
 * word (SIGBUS) when one of them is read; so a truncated journal is found here, and said in words.
 *
 * Reads the two meta pages only; the trees are walked in the rare case that the file is shorter than its newest page
 * number, which is legal as long as no page beyond the end is in use.
 *
 * @see lmdb's mdb.c, data format 2: structs MDB_page, MDB_meta, MDB_db, MDB_node (little-endian, 64 bits)
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";

export const DATA_FILE = "data.mdb";

const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
const PAGE_HEADER_BYTES = 24;
/** Offsets in a meta page. */
const META = {
  magic: 24,
  version: 28,
  pageSize: 48,
  freeRoot: 88,
  mainRoot: 136,
  lastPage: 144,
  txn: 152,
} as const;
const META_BYTES = 160;
const DEFAULT_PAGE_BYTES = 4096;
const MAX_PAGE_BYTES = 65_536;
/** Offsets in a page and a node; a page counts its own from the end of its header. */
const [FLAGS_AT, LOWER_AT, NODE_HEADER_BYTES, ROOT_IN_DB] = [18, 20, 8, 40];
const [BRANCH, LEAF] = [1, 2];
const [BIG_DATA, SUB_DATA] = [1, 2];
/** Root of an empty tree. */
const NO_PAGE = 2n ** 64n - 1n;

interface Meta {
  readonly pageSize: number;
  readonly roots: readonly bigint[];
  readonly lastPage: bigint;
  readonly txn: bigint;
}

/** What keeps the journal in folder `path` from being read; null when nothing does, or when there is no file yet. */
export function fileProblem(path: string): string | null {
  let file: number;
  try {
    file = openSync(join(path, DATA_FILE), "r");
  } catch {
    // Not there yet, or not to be opened: LMDB will say.
    return null;
  }
  try {
    return problemIn(file);
  } finally {
    closeSync(file);
  }
}

function problemIn(file: number): string | null {
  const first = metaAt(file, 0);
  const second = metaAt(file, first?.pageSize ?? DEFAULT_PAGE_BYTES);
  // After the metas: a writer makes the file longer before it writes a meta that says so.
  const { size } = fstatSync(file);
  if (size === 0) return null;
  const meta = newer(first, second);
  if (meta === null) return `${DATA_FILE} is no journal: its first pages are damaged or cut off`;
  if (size < 2 * meta.pageSize) return truncated(size, 2 * meta.pageSize);
  const whole = (Number(meta.lastPage) + 1) * meta.pageSize;
  if (size >= whole || new Walk(file, meta.pageSize, size).reaches(meta.roots)) return null;
  return truncated(size, whole);
}

const truncated = (size: number, whole: number): string =>
  `${DATA_FILE} is truncated: ${String(size)} bytes are left of at least ${String(whole)}`;

function newer(a: Meta | null, b: Meta | null): Meta | null {
  if (a === null || b === null) return a ?? b;
  return a.txn > b.txn ? a : b;
}

function metaAt(file: number, offset: number): Meta | null {
  const page = Buffer.alloc(META_BYTES);
  if (readSync(file, page, 0, META_BYTES, offset) < META_BYTES) return null;
  if (page.readUInt32LE(META.magic) !== MAGIC || page.readUInt32LE(META.version) !== DATA_VERSION)
    return null;
  const pageSize = page.readUInt32LE(META.pageSize);
  if (pageSize < 512 || pageSize > MAX_PAGE_BYTES) return null;
  const roots = [page.readBigUInt64LE(META.freeRoot), page.readBigUInt64LE(META.mainRoot)];
  return {
    pageSize,
    roots,
    lastPage: page.readBigUInt64LE(META.lastPage),
    txn: page.readBigUInt64LE(META.txn),
  };
}

/** Whether all pages in use lie within the file. */
class Walk {
  readonly #file: number;
  readonly #pageSize: number;
  readonly #pages: bigint;

  constructor(file: number, pageSize: number, size: number) {
    this.#file = file;
    this.#pageSize = pageSize;
    this.#pages = BigInt(Math.floor(size / pageSize));
  }

  reaches(roots: readonly bigint[]): boolean {
    const waiting = roots.filter((root) => root !== NO_PAGE);
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (at >= this.#pages) return false;
      const page = Buffer.alloc(this.#pageSize);
      readSync(this.#file, page, 0, this.#pageSize, Number(at) * this.#pageSize);
      if (!this.#children(page, waiting)) return false;
    }
    return true;
  }

  /** Adds the pages that this one leads to; false when one of them cannot be there. */
  #children(page: Buffer, into: bigint[]): boolean {
    const flags = page.readUInt16LE(FLAGS_AT);
    if ((flags & (BRANCH | LEAF)) === 0) return false;
    const nodes = page.readUInt16LE(LOWER_AT) >> 1;
    for (let i = 0; i < nodes; i++) {
      const node = PAGE_HEADER_BYTES + page.readUInt16LE(PAGE_HEADER_BYTES + 2 * i);
      const low = page.readUInt32LE(node);
      const high = page.readUInt16LE(node + 4);
      if ((flags & BRANCH) !== 0) {
        into.push(BigInt(low) + (BigInt(high) << 32n));
        continue;
      }
      const data = node + NODE_HEADER_BYTES + page.readUInt16LE(node + 6);
      if ((high & SUB_DATA) !== 0) {
        const root = page.readBigUInt64LE(data + ROOT_IN_DB);
        if (root !== NO_PAGE) into.push(root);
      } else if ((high & BIG_DATA) !== 0) {
        const pages = BigInt(Math.ceil((PAGE_HEADER_BYTES + low) / this.#pageSize));
        if (page.readBigUInt64LE(data) + pages > this.#pages) return false;
      }
    }
    return true;
  }
}
