/**
 * Reads a YAML file that people write: 1.2 core schema, one document, a mapping at the top. What is no such file is told
 * as problems, just as what `read` finds wrong; nothing is thrown, whatever the text.
 */
import { Document, isMap, isScalar, LineCounter, parseDocument } from "yaml";
import type { Cursor } from "./cursor.ts";
import { isNestedTooDeeply } from "./nesting.ts";
import type { YamlProblem } from "./problem.ts";
import { Reading } from "./reading.ts";
import { reportSyntax } from "./syntax.ts";
import { YamlCursor } from "./yaml-cursor.ts";

/** Larger is no file that somebody wrote, in bytes. */
const MAX_YAML_BYTES = 1024 * 1024;

export type CheckedYaml<T> =
  | { readonly kind: "ok"; readonly value: T }
  /** At least one; in the order of the file. */
  | { readonly kind: "invalid"; readonly problems: readonly YamlProblem[] };

/**
 * `file` is how the problems name it. `read` turns the root into what the file means, without throwing for what is
 * written there; its result counts only when nothing was reported. An empty file is an empty mapping.
 */
export function readCheckedYaml<T>(text: string, file: string, read: (root: Cursor) => T): CheckedYaml<T> {
  const whole = (message: string): CheckedYaml<T> => ({
    kind: "invalid",
    problems: [{ file, line: 1, column: 1, path: "", message }],
  });
  if (Buffer.byteLength(text) > MAX_YAML_BYTES)
    return whole(`is larger than ${MAX_YAML_BYTES} bytes; it should hold settings only`);
  if (isNestedTooDeeply(text)) return whole("is nested too deeply; no file needs that");
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: "1.2",
    schema: "core",
    stringKeys: true,
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
  });
  const reading = new Reading(file, document, lines);
  if (!reportSyntax(reading, document)) return { kind: "invalid", problems: reading.problems };
  const value = readRoot(reading, document, read);
  return reading.problems.length === 0
    ? { kind: "ok", value }
    : { kind: "invalid", problems: reading.problems };
}

function readRoot<T>(reading: Reading, document: Document, read: (root: Cursor) => T): T {
  const { contents } = document;
  const place = { reading, path: "", position: { line: 1, column: 1 }, muted: false };
  if (isMap(contents)) return read(new YamlCursor(place, contents));
  const isEmpty = contents === null || (isScalar(contents) && contents.value === null);
  if (isEmpty) return read(new YamlCursor(place, new Document({}).contents));
  new YamlCursor(place, contents).map(() => undefined);
  return read(new YamlCursor({ ...place, muted: true }, null));
}
