/** From answers to results: REST-like, one result is an object, several are an array. Pure. */

/** The results of one answer: none for null, each element of an array, else the answer itself. */
export function resultsOf(data: unknown): readonly unknown[] {
  if (data === null || data === undefined) return [];
  return Array.isArray(data) ? (data as unknown[]) : [data];
}

/** What a result that stands for a failure says: its member `error`. null for a good one. */
export function failureOf(result: unknown): string | null {
  if (!isRecord(result)) return null;
  const { error } = result;
  if (error === undefined || error === null || error === false) return null;
  return typeof error === "string" ? error : JSON.stringify(error);
}

/** The member `key` of a result; undefined where there is none, or it is null. */
export function memberOf(result: unknown, key: string): unknown {
  return isRecord(result) && Object.hasOwn(result, key) ? (result[key] ?? undefined) : undefined;
}

/** A JSON object, which is neither null nor an array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
