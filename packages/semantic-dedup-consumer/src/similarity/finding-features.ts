/**
 * What an investigation found, as a set of hashed stems, and how alike two sets are. MinHash finds sets that are alike
 * among thousands without comparing all of them; how alike they are is then the exact Jaccard coefficient. Pure.
 */
import { isStopWord } from "./lexicon.ts";
import { stem } from "./stem.ts";
import { wordsOf } from "./words.ts";

/** Stems kept of one finding: the names of what a module can do come first, and are most of it. */
const MAX_STEMS = 128;
/** Bands of rows: of two findings that are alike by 0.8, 999 in 1,000 share a band; by 0.3, one in ten. */
const BANDS = 12;
const ROWS = 4;

/** Sorted, each once. */
export type FindingFeatures = Uint32Array;

export function findingFeatures(texts: readonly string[]): FindingFeatures {
  const stems = new Set<number>();
  for (const text of texts) {
    for (const word of wordsOf(text)) {
      if (stems.size >= MAX_STEMS) break;
      if (!isStopWord(word.text)) stems.add(hash(stem(word.text)));
    }
  }
  return Uint32Array.from(stems).sort();
}

/** Jaccard coefficient; 0 when either is empty, since nothing found is like nothing. */
export function findingSimilarity(a: FindingFeatures, b: FindingFeatures): number {
  let common = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const difference = (a[i] ?? 0) - (b[j] ?? 0);
    if (difference === 0) common++;
    if (difference <= 0) i++;
    if (difference >= 0) j++;
  }
  return common === 0 ? 0 : common / (a.length + b.length - common);
}

/** One number per band; sets that share one may be alike. None for an empty set. */
export function bandsOf(features: FindingFeatures): number[] {
  if (features.length === 0) return [];
  return Array.from({ length: BANDS }, (_, band) => {
    let key = band + 1;
    for (let row = 0; row < ROWS; row++) {
      const salt = mix(band * ROWS + row + 1);
      let least = 0xffff_ffff;
      for (const feature of features) least = Math.min(least, mix(feature ^ salt));
      key = mix(key ^ least);
    }
    return key;
  });
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c_9dc5;
  for (let index = 0; index < text.length; index++)
    value = Math.imul(value ^ text.charCodeAt(index), 0x0100_0193);
  return value >>> 0;
}

/** The finaliser of MurmurHash3: every bit of the input changes half of the output's. */
function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
