/** Spans and amounts in sentences. Pure. */

/** `250 ms`, `12 s`, `5 min`, `3.5 h`, `2 d`. */
export function spanWords(ms: number): string {
  const span = Math.max(0, ms);
  if (span < 1_000) return `${Math.round(span)} ms`;
  if (span < 120_000) return `${round(span / 1_000)} s`;
  if (span < 7_200_000) return `${round(span / 60_000)} min`;
  if (span < 172_800_000) return `${round(span / 3_600_000)} h`;
  return `${round(span / 86_400_000)} d`;
}

/** `512 MB`, `20 GB`. */
export function bytesWords(bytes: number): string {
  return bytes < 1e9 ? `${round(bytes / 1e6)} MB` : `${round(bytes / 1e9)} GB`;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
