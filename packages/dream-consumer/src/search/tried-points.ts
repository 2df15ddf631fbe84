/** Which points were proposed before. Kept as fingerprints: short, and enough to tell thousands of points apart. */
import type { Params } from "@kloros/experiments";

/** The oldest beyond these are forgotten; more than any space has whose points are counted. */
const MAX_REMEMBERED = 32_768;

/** 53 bits of a point, as text; `params` in the order of the space. (cyrb53, public domain.) */
export function fingerprint(params: Params): string {
  const text = JSON.stringify(params);
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36);
}

/** Those remembered, and these. */
export function remembered(before: readonly string[], added: readonly string[]): readonly string[] {
  return [...before, ...added].slice(-MAX_REMEMBERED);
}
