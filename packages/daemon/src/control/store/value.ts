/** What a value is: its JSON type, its size. Pure. */
import { isOfType, type JsonType } from "../parameters.ts";
import { StateTypeError, StoreLimitError } from "./errors.ts";
import { MAX_VALUE_BYTES } from "./limits.ts";

/** In the order in which they are tried: a whole number is an integer. */
export const VALUE_TYPES: readonly JsonType[] = [
  "null",
  "boolean",
  "integer",
  "number",
  "string",
  "array",
  "object",
];

export function typeOf(value: unknown): JsonType {
  return VALUE_TYPES.find((type) => isOfType(value, type)) ?? "null";
}

/** Bytes of its JSON text. @throws {StoreLimitError} too large, or with a number that would come back as null */
export function sizeOf(what: string, value: unknown): number {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > MAX_VALUE_BYTES)
    throw new StoreLimitError(
      `${what}: the value has ${bytes} bytes, at most ${MAX_VALUE_BYTES} are kept; put it into a file and its path here`,
    );
  if (hasInfinity(value))
    throw new StoreLimitError(
      `${what}: the value has a number beyond ${Number.MAX_VALUE}, which cannot be kept; send it as a text`,
    );
  return bytes;
}

/** Requests have bounded depth and values bounded size, so this does neither exhaust the stack nor take long. */
function hasInfinity(value: unknown): boolean {
  if (typeof value === "number") return !Number.isFinite(value);
  return typeof value === "object" && value !== null && Object.values(value).some(hasInfinity);
}

/** @throws {StateTypeError} */
export function checkType(key: string, value: unknown, declared: JsonType | undefined): void {
  if (declared !== undefined && !isOfType(value, declared))
    throw new StateTypeError(key, declared, typeOf(value));
}
