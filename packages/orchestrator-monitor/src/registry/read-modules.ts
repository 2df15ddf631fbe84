/**
 * Reads the modules out of a registry's text, tolerantly: at any depth, in groups and in lists, through aliases and
 * merge keys. What is no module is passed over. The registry is only ever read here.
 */
import { parseAllDocuments } from "yaml";
import type { RegisteredModule } from "./registered-module.ts";

/** Groups of groups of groups; deeper maps are details of an entry. */
const MAX_DEPTH = 6;
/** Entries that are aliases are few; a "billion laughs" needs more. */
const MAX_ALIASES = 10_000;

export type ReadModules =
  | { readonly kind: "modules"; readonly modules: readonly RegisteredModule[] }
  | { readonly kind: "unreadable"; readonly line: number; readonly message: string };

/** Never throws. */
export function readModules(text: string): ReadModules {
  try {
    const documents = parseAllDocuments(text, { uniqueKeys: false, prettyErrors: false, merge: true });
    const modules: RegisteredModule[] = [];
    for (const document of Array.isArray(documents) ? documents : []) {
      const [error] = document.errors;
      if (error) {
        return {
          kind: "unreadable",
          line: text.slice(0, error.pos[0]).split("\n").length,
          message: error.message,
        };
      }
      collect(document.toJS({ mapAsMap: true, maxAliasCount: MAX_ALIASES }), modules, 0);
    }
    return { kind: "modules", modules };
  } catch (cause) {
    return { kind: "unreadable", line: 1, message: cause instanceof Error ? cause.message : String(cause) };
  }
}

/** An entry's own fields as a module; null for anything else. `entry` is what a YAML parser makes of it with maps as Map. */
export function moduleOf(name: unknown, entry: unknown): RegisteredModule | null {
  if (!(entry instanceof Map) || typeof name !== "string" || name === "") return null;
  const path: unknown = entry.get("module");
  if (typeof path !== "string" || path === "") return null;
  const files: unknown = entry.get("py_files");
  return {
    name,
    path,
    folder: textOf(entry.get("path")),
    investigation_id: textOf(entry.get("investigation_id")),
    py_files: Array.isArray(files)
      ? files.length
      : Number.isInteger(files) && Number(files) >= 0
        ? Number(files)
        : null,
  };
}

function collect(node: unknown, modules: RegisteredModule[], depth: number): void {
  if (depth > MAX_DEPTH) return;
  if (node instanceof Map) {
    for (const [name, value] of node as Map<unknown, unknown>) {
      const module = moduleOf(name, value);
      if (module) modules.push(module);
      collect(value, modules, depth + 1);
    }
  } else if (Array.isArray(node)) {
    for (const item of node as unknown[]) {
      const module = item instanceof Map ? moduleOf(item.get("name"), item) : null;
      if (module) modules.push(module);
    }
  }
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" && value.length <= 1024 ? value : null;
}
