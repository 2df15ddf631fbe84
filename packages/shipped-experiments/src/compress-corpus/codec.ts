/** Parameters of a compressor to the two functions that they stand for. */
import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  deflateSync,
  inflateSync,
  type BrotliOptions,
  type ZlibOptions,
} from "node:zlib";
import { ComplaintError, type GivenParams } from "../run-experiment.ts";

export interface Codec {
  compress(data: Buffer): Buffer;
  /** `bytes`: at most so many are made; more is an error. */
  decompress(data: Buffer, bytes: number): Buffer;
}

const STRATEGIES: Readonly<Record<string, number>> = {
  default: constants.Z_DEFAULT_STRATEGY,
  filtered: constants.Z_FILTERED,
  huffman_only: constants.Z_HUFFMAN_ONLY,
  rle: constants.Z_RLE,
  fixed: constants.Z_FIXED,
};
const MODES: Readonly<Record<string, number>> = {
  generic: constants.BROTLI_MODE_GENERIC,
  text: constants.BROTLI_MODE_TEXT,
  font: constants.BROTLI_MODE_FONT,
};

/** @throws {ComplaintError} a parameter is missing or impossible */
export function codecOf(params: GivenParams): Codec {
  const codec = params["codec"];
  if (codec === "deflate") return deflate(params);
  if (codec === "brotli") return brotli(params);
  throw new ComplaintError(`codec must be deflate or brotli (got ${JSON.stringify(codec)})`);
}

/** zlib as it comes: what a program uses that never thought about it. */
export const ZLIB_DEFAULTS: GivenParams = {
  codec: "deflate",
  level: 6,
  mem_level: 8,
  strategy: "default",
  window_bits: 15,
};

function deflate(params: GivenParams): Codec {
  const options: ZlibOptions = {
    level: whole(params, "level", 1, 9),
    memLevel: whole(params, "mem_level", 1, 9),
    windowBits: whole(params, "window_bits", 9, 15),
    strategy: named(params, "strategy", STRATEGIES),
  };
  return {
    compress: (data) => deflateSync(data, options),
    decompress: (data, bytes) => inflateSync(data, { maxOutputLength: bytes }),
  };
}

function brotli(params: GivenParams): Codec {
  const quality = whole(params, "quality", constants.BROTLI_MIN_QUALITY, constants.BROTLI_MAX_QUALITY);
  const lgwin = whole(params, "lgwin", constants.BROTLI_MIN_WINDOW_BITS, constants.BROTLI_MAX_WINDOW_BITS);
  const mode = named(params, "mode", MODES);
  const optionsFor = (bytes: number): BrotliOptions => ({
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_LGWIN]: lgwin,
      [constants.BROTLI_PARAM_MODE]: mode,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes,
    },
  });
  return {
    compress: (data) => brotliCompressSync(data, optionsFor(data.length)),
    decompress: (data, bytes) => brotliDecompressSync(data, { maxOutputLength: bytes }),
  };
}

function whole(params: GivenParams, name: string, min: number, max: number): number {
  const value = params[name];
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new ComplaintError(
    `${name} must be a whole number from ${min} to ${max} (got ${JSON.stringify(value)})`,
  );
}

function named(params: GivenParams, name: string, known: Readonly<Record<string, number>>): number {
  const value = params[name];
  const found = typeof value === "string" && Object.hasOwn(known, value) ? known[value] : undefined;
  if (found !== undefined) return found;
  const names = Object.keys(known).join(", ");
  throw new ComplaintError(`${name} must be one of ${names} (got ${JSON.stringify(value)})`);
}
