/**
 * A block: what one group commit appended to the journal. One header line, then the NDJSON of its envelopes with
 * consecutive seqs, so position in the block tells the seq and nothing needs to be parsed to find a signal.
 *
 * I1  Line i of a block has seq `first + i`, and starts with `{"signal":"NAME",`.
 * I2  `crc` covers every byte after the header line; a block whose crc does not match is reported, never believed.
 */
import { crc32 } from "node:zlib";

export interface NameSpan {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

export interface BlockHeader {
  readonly count: number;
  /** Wall clock of the commit, in milliseconds since 1970. */
  readonly at: number;
  readonly crc: number;
  readonly names: Readonly<Record<string, NameSpan>>;
  /** Some ids are in the id index one by one: a caller supplied them, or younger ones were journalled before them. */
  readonly suppliedIds: boolean;
}

export interface Block {
  readonly first: number;
  readonly last: number;
  readonly header: BlockHeader;
  /** The NDJSON, every line ended by a newline. */
  readonly lines: Buffer;
}

export type BlockReading =
  | { readonly kind: "block"; readonly block: Block }
  | {
      readonly kind: "corrupt";
      readonly first: number;
      /** Unknown when not even the header can be read. */
      readonly last: number | null;
      /** Which signals the block held, by name; null when unknown. */
      readonly names: Readonly<Record<string, NameSpan>> | null;
      readonly detail: string;
    };

const NEWLINE = 10;

export function encodeBlock(lines: Buffer, header: Omit<BlockHeader, "crc">): Buffer {
  const head = JSON.stringify({ ...header, crc: crc32(lines) });
  return Buffer.concat([Buffer.from(head + "\n"), lines]);
}

export function decodeBlock(first: number, bytes: Buffer): BlockReading {
  const end = bytes.indexOf(NEWLINE);
  const header = end < 0 ? null : parseHeader(bytes.subarray(0, end));
  if (header === null)
    return { kind: "corrupt", first, last: null, names: null, detail: "unreadable header" };
  const lines = bytes.subarray(end + 1);
  if (crc32(lines) !== header.crc) {
    const { names, count } = header;
    return { kind: "corrupt", first, last: first + count - 1, names, detail: "checksum mismatch" };
  }
  return { kind: "block", block: { first, last: first + header.count - 1, header, lines } };
}

/** Only the header, unchecked against the lines: for pruning, where the content does not matter. */
export function decodeHeader(bytes: Buffer): BlockHeader | null {
  const end = bytes.indexOf(NEWLINE);
  return end < 0 ? null : parseHeader(bytes.subarray(0, end));
}

function parseHeader(bytes: Buffer): BlockHeader | null {
  try {
    const header = JSON.parse(bytes.toString("latin1")) as BlockHeader;
    return Number.isSafeInteger(header.count) && typeof header.names === "object" ? header : null;
  } catch {
    return null;
  }
}

/** Walks a block's lines: `visit(seq, start, end)` with byte offsets into `block.lines`, newline included. */
export function walkLines(block: Block, visit: (seq: number, start: number, end: number) => boolean): void {
  let start = 0;
  for (let seq = block.first; seq <= block.last; seq++) {
    const newline = block.lines.indexOf(NEWLINE, start);
    const end = newline < 0 ? block.lines.length : newline + 1;
    if (end === start || !visit(seq, start, end)) return;
    start = end;
  }
}

const PREFIX = '{"signal":"';
const QUOTE = 34;

const SEQ = /"seq":(\d{1,16}),"prev":\d{1,16}\}\n?$/;
/** Bytes at the end of a line that hold its position. */
const POSITION_BYTES = 64;

/** The seq of a line, although nothing else of it may be readable; null when not even that is. */
export function lineSeq(line: Buffer): number | null {
  const seq = SEQ.exec(line.toString("latin1", Math.max(0, line.length - POSITION_BYTES)))?.[1];
  return seq === undefined ? null : Number(seq);
}

/** The signal name of the line that starts at `start` (I1). */
export function lineName(lines: Buffer, start: number): string {
  const from = start + PREFIX.length;
  return lines.toString("latin1", from, lines.indexOf(QUOTE, from));
}
