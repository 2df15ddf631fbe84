/**
 * Adds entries to the bytes of a registry: nothing outside the inserted text changes, and the next addition knows
 * its place without reading the file again.
 *
 * I1 The first addition to text that somebody else wrote is proven by parsing the whole result.
 * I2 Later ones stand behind text of our own: there the inserted text alone is parsed and compared.
 */
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import { blockText, entryAsRead, flowText } from "./entry-text.ts";
import type { Place } from "./insertion-place.ts";
import { type ModuleEntry, placesOf, type Registered } from "./module-entry.ts";
import { parseRegistry, type RegistryIndex, type RegistryProblem } from "./parse-registry.ts";

/** A registry's bytes with all that additions need to know of them. */
export interface RegistryModel {
  readonly bytes: Buffer;
  readonly index: RegistryIndex;
  /** Offsets in bytes of `bytes`. */
  readonly place: Place;
  /** True once a result with our own text at its place has been parsed whole (I1). */
  readonly proven: boolean;
}

export type ModelResult = { readonly kind: "model"; readonly model: RegistryModel } | RegistryProblem;

/** Reads bytes that somebody else wrote. */
export function modelOf(bytes: Buffer): ModelResult {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { kind: "unreadable", ...firstBadByte(bytes), message: "not valid UTF-8 from here on" };
  }
  const parsed = parseRegistry(text);
  if (parsed.kind !== "registry") return parsed;
  return {
    kind: "model",
    model: { bytes, index: parsed.index, place: inBytes(parsed.place, text), proven: false },
  };
}

/** `model` with `entries` (names and places not taken yet) added in their order. */
export function addEntries(model: RegistryModel, entries: readonly ModuleEntry[]): ModelResult {
  const { place, bytes } = model;
  const inserted = Buffer.from(textFor(place, entries));
  const pieces = [bytes.subarray(0, place.offset), inserted, bytes.subarray(place.offset)];
  if (place.kind === "block" && place.replaces) {
    pieces.splice(
      0,
      1,
      bytes.subarray(0, place.replaces.from),
      bytes.subarray(place.replaces.to, place.offset),
    );
  }
  const result = Buffer.concat(pieces);
  if (!model.proven) return proveWhole(result, model, entries);

  proveSnippet(place, entries);
  for (const entry of entries) register(model.index, entry);
  const offset = place.offset + inserted.length;
  const next: Place = place.kind === "flow" ? { ...place, offset, first: false } : { ...place, offset };
  return { kind: "model", model: { bytes: result, index: model.index, place: next, proven: true } };
}

function textFor(place: Place, entries: readonly ModuleEntry[]): string {
  if (place.kind === "flow") {
    return (place.first ? "" : ", ") + entries.map((entry) => flowText(entry)).join(", ");
  }
  const start = place.needsEol ? place.eol : "";
  const separator = place.blankLineBefore ? place.eol : "";
  return start + entries.map((entry) => separator + blockText(entry, place)).join("");
}

/** I1 */
function proveWhole(bytes: Buffer, before: RegistryModel, entries: readonly ModuleEntry[]): ModelResult {
  const result = modelOf(bytes);
  if (result.kind !== "model") {
    return { ...result, kind: "unsupported", message: `an entry cannot be added here: ${result.message}` };
  }
  const { names } = result.model.index;
  const missing = entries.find(
    ({ name, investigation_id }) => names.get(name)?.investigation_id !== investigation_id,
  );
  if (missing || names.size !== before.index.names.size + entries.length) {
    return {
      kind: "unsupported",
      line: 1,
      column: 1,
      message: "an entry cannot be added without disturbing others",
    };
  }
  return { kind: "model", model: { ...result.model, proven: true } };
}

/** I2; a mismatch is a bug of ours, and the file has not been touched. */
function proveSnippet(place: Place, entries: readonly ModuleEntry[]): void {
  for (const entry of entries) {
    const text = place.kind === "flow" ? `{${flowText(entry)}}` : blockText(entry, place);
    const read: unknown = parse(text, { mapAsMap: true });
    if (!isDeepStrictEqual(read, entryAsRead(entry)))
      throw new Error(`entry of ${entry.name} does not read back as written`);
  }
}

function register(index: RegistryIndex, entry: ModuleEntry): void {
  const { name, module, path, investigation_id } = entry;
  const registered: Registered = { name, module, path, investigation_id, isModule: true, line: 0 };
  index.names.set(entry.name, registered);
  for (const place of placesOf(entry)) if (!index.places.has(place)) index.places.set(place, registered);
}

function inBytes(place: Place, text: string): Place {
  const bytesBefore = (offset: number) => Buffer.byteLength(text.slice(0, offset));
  const offset = bytesBefore(place.offset);
  if (place.kind === "flow" || !place.replaces) return { ...place, offset };
  return {
    ...place,
    offset,
    replaces: { from: bytesBefore(place.replaces.from), to: bytesBefore(place.replaces.to) },
  };
}

function firstBadByte(bytes: Buffer): { line: number; column: number } {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const before = text.slice(0, text.indexOf("\uFFFD"));
  return { line: before.split("\n").length, column: before.length - before.lastIndexOf("\n") };
}
