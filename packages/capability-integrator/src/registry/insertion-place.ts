/**
 * Finds the one spot at which the next entry is inserted, so that every byte around it can stay (offsets are UTF-16 units).
 * Behind the last entry of the container and the comments that belong to it, before what follows.
 */
import { isMap, isScalar, type Pair } from "yaml";
import type { Container } from "./find-container.ts";
import { type AnyMap, endOfPair } from "./yaml-node.ts";

const DEFAULT_STEP = 2;

export type Place =
  | {
      readonly kind: "block";
      readonly offset: number;
      /** The text before `offset` lacks its line break. */
      readonly needsEol: boolean;
      /** Entries here are separated by blank lines. */
      readonly blankLineBefore: boolean;
      readonly indent: number;
      readonly step: number;
      readonly eol: "\n" | "\r\n";
      /** An explicit `null` or `~` that gives way to the first entry. */
      readonly replaces: { readonly from: number; readonly to: number } | null;
    }
  | { readonly kind: "flow"; readonly offset: number; readonly first: boolean };

/** The place in a container that a walk has found. */
export function placeIn(container: Container, text: string): Place {
  const { map, holder } = container;
  if (map?.flow) return flowPlace(map, text);
  if (map && map.items.length > 0) return blockPlace(map, text);
  const parentIndent = holder ? indentAt(text, keyStart(holder)) : 0;
  return emptyGroupPlace(holder, text, parentIndent);
}

/** The place in a file without any mapping: empty, comments only, or an explicit null from `from` to `to`. */
export function placeInEmpty(text: string, nothing: { from: number; to: number } | null): Place {
  return block(text, text.length, {
    indent: 0,
    step: DEFAULT_STEP,
    replaces: nothing,
    blankLineBefore: false,
  });
}

function flowPlace(map: AnyMap, text: string): Place {
  const last = map.items.at(-1);
  if (last) return { kind: "flow", offset: endOfPair(last, text).offset, first: false };
  return { kind: "flow", offset: text.indexOf("{", map.range?.[0] ?? 0) + 1, first: true };
}

function blockPlace(map: AnyMap, text: string): Place {
  const pairs = map.items;
  const first = pairs[0] as Pair;
  const last = pairs.at(-1) as Pair;
  const indent = indentAt(text, keyStart(first));
  const end = endOfPair(last, text);
  const offset = skipOwnComments(text, endOfLine(text, end.offset), (column) => column >= indent);
  const isSpaced = pairs.length > 1 && followsBlankLine(text, keyStart(last));
  return block(text, offset, {
    indent,
    step: innerStep(last, text, indent),
    replaces: null,
    blankLineBefore: isSpaced && !(end.keepsBlankLines && offset === end.offset),
  });
}

function emptyGroupPlace(holder: Pair | null, text: string, parentIndent: number): Place {
  if (!holder) return placeInEmpty(text, null);
  const range = isScalar(holder.value) ? holder.value.range : null;
  const replaces = range && range[1] > range[0] ? { from: range[0], to: range[1] } : null;
  const offset = skipOwnComments(
    text,
    endOfLine(text, endOfPair(holder, text).offset),
    (column) => column > parentIndent,
  );
  return block(text, offset, {
    indent: parentIndent + DEFAULT_STEP,
    step: DEFAULT_STEP,
    replaces,
    blankLineBefore: false,
  });
}

function block(
  text: string,
  offset: number,
  layout: {
    indent: number;
    step: number;
    replaces: { from: number; to: number } | null;
    blankLineBefore: boolean;
  },
): Place {
  const before = text.slice(Math.max(0, offset - 4), offset);
  const isAfterBlank = /\n\r?\n$/.test(before) || offset === 0;
  return {
    kind: "block",
    offset,
    needsEol: !(before === "" || before === "\uFEFF" || before.endsWith("\n")),
    eol: /\r\n/.test(text.slice(0, 65_536)) ? "\r\n" : "\n",
    ...layout,
    blankLineBefore: layout.blankLineBefore && !isAfterBlank,
  };
}

function keyStart(pair: Pair): number {
  const { key } = pair;
  return isScalar(key) || isMap(key) ? (key.range?.[0] ?? 0) : 0;
}

/** Leading blanks of the line that holds `offset`. */
function indentAt(text: string, offset: number): number {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset).replace(/^\uFEFF/, "");
  return line.length - line.trimStart().length;
}

function innerStep(pair: Pair, text: string, indent: number): number {
  if (!isMap(pair.value) || pair.value.flow === true) return DEFAULT_STEP;
  const first = pair.value.items[0];
  const step = first ? indentAt(text, keyStart(first)) - indent : 0;
  return step > 0 ? step : DEFAULT_STEP;
}

function endOfLine(text: string, offset: number): number {
  if (offset > 0 && text[offset - 1] === "\n") return offset;
  const newline = text.indexOf("\n", offset);
  return newline === -1 ? text.length : newline + 1;
}

/** Goes past comment lines (and blank lines between them) whose column says that they belong to the container. */
function skipOwnComments(text: string, from: number, belongs: (column: number) => boolean): number {
  let past = from;
  for (let at = from; at < text.length;) {
    const next = endOfLine(text, at + 1);
    const line = text.slice(at, next);
    const content = line.trim();
    if (content !== "" && !(content.startsWith("#") && belongs(line.length - line.trimStart().length))) break;
    if (content !== "") past = next;
    at = next;
  }
  return past;
}

/** Whether a blank line stands above the line of `offset` and the comments on top of it. */
function followsBlankLine(text: string, offset: number): boolean {
  const lines = text.slice(0, text.lastIndexOf("\n", offset - 1) + 1).split("\n");
  lines.pop();
  let line = lines.pop();
  while (line !== undefined && line.trim().startsWith("#")) line = lines.pop();
  return line !== undefined && line.trim() === "";
}
