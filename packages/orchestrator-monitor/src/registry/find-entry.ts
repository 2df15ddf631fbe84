/**
 * Reads one entry out of a registry's text without parsing the rest: parsing thousands of entries for each
 * integration would take the daemon's time. Finds entries in block style; any other is simply not found.
 */
import { parse } from "yaml";
import { moduleOf } from "./read-modules.ts";
import type { RegisteredModule } from "./registered-module.ts";

/** Longer text under one key is no entry. */
const MAX_ENTRY_CHARACTERS = 256 * 1024;

/** The entry `name` whose `module` is `path`, or null. */
export function findEntry(text: string, name: string, path: string): RegisteredModule | null {
  for (const key of [name, JSON.stringify(name), `'${name}'`]) {
    for (let at = text.indexOf(`${key}:`); at !== -1; at = text.indexOf(`${key}:`, at + 1)) {
      const lineStart = text.lastIndexOf("\n", at) + 1;
      const indent = text.slice(lineStart, at);
      if (indent.trim() !== "") continue;
      const module = readBlock(text, lineStart, indent.length, name);
      if (module?.path === path) return module;
    }
  }
  return null;
}

function readBlock(text: string, from: number, indent: number, name: string): RegisteredModule | null {
  let end = endOfLine(text, from);
  while (end < text.length && end - from < MAX_ENTRY_CHARACTERS) {
    const next = endOfLine(text, end);
    const line = text.slice(end, next);
    const column = line.length - line.trimStart().length;
    if (line.trim() !== "" && column <= indent) break;
    end = next;
  }
  try {
    const read: unknown = parse(text.slice(from, end), { mapAsMap: true, prettyErrors: false });
    return read instanceof Map ? moduleOf(name, read.get(name)) : null;
  } catch {
    return null; // An alias to elsewhere, a list at the key's own column: to be read with the whole file.
  }
}

function endOfLine(text: string, from: number): number {
  const newline = text.indexOf("\n", from);
  return newline === -1 ? text.length : newline + 1;
}
