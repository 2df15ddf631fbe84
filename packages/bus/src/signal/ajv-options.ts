/** How schemas are compiled, the same at run time and ahead of time. No ajv is loaded from here. */
import type { Options } from "ajv/dist/2020.js";

/** Formats that contracts may use, as regular expressions, so that generated code stands alone. */
const FORMATS: Readonly<Record<string, RegExp>> = {
  "date-time":
    /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/,
  date: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/,
  uuid: /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/,
  uri: /^[A-Za-z][A-Za-z0-9+.-]*:[^\s]*$/,
};

export const AJV_OPTIONS: Options = {
  allErrors: true,
  messages: false,
  inlineRefs: true,
  strict: true,
  strictTypes: false,
  strictRequired: true,
  allowUnionTypes: true,
  formats: FORMATS,
  code: { source: true, esm: true, lines: false, optimize: 2, process: tuned },
};

/** Most violations kept of one value; a hostile array must not become as many error objects (P5). */
const MAX_KEPT_ERRORS = 64;

const NOTE = `function note(list, error){if(list === null)return [error];if(list.length < ${MAX_KEPT_ERRORS})list.push(error);return list;}`;

/** Where ajv's code makes an error and keeps it. */
const KEEPING =
  /const (err\d+) = \{instancePath(.*?),schemaPath:"(?:[^"\\]|\\.)*",(.*?)\};if\(vErrors === null\)\{vErrors = \[\1\];\}else \{vErrors\.push\(\1\);\}errors\+\+;/g;

/**
 * ajv's code, less than half as long and with two changes. Errors kept are bounded. And a length in code points is only
 * counted where the length in UTF-16 units, which is never smaller, leaves the question open: that count is slow.
 */
export function tuned(code: string): string {
  const body = code
    .replace('"use strict";', "")
    .replaceAll(KEEPING, "vErrors = note(vErrors, {instancePath$2,$3});errors++;")
    .replaceAll(/if\((func\d+)\((data\w*)\) > (\d+)\)/g, "if($2.length > $3 && $1($2) > $3)")
    .replaceAll(/if\((func\d+)\((data\w*)\) < 1\)/g, "if($2.length < 1)");
  return `"use strict";${NOTE}${body}`;
}
