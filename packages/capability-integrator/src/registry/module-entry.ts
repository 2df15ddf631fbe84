/** What one module's entry in `capabilities.yaml` says, and what is already said there by others. */

/** An entry as this daemon writes it; field names are the words of the file. */
export interface ModuleEntry {
  readonly name: string;
  /** Import path, `src.audio`. */
  readonly module: string;
  /** Where it lies, relative to the workspace, `src/audio`. */
  readonly path: string;
  readonly description: string;
  readonly language: string;
  /** RFC 3339, UTC. */
  readonly discovered_at: string;
  readonly py_files: number;
  readonly source_files: number;
  /** 0..1, or null when the investigation gave none. */
  readonly confidence: number | null;
  readonly investigation_id: string;
  readonly capabilities: readonly string[];
}

/** A key found in the registry, whoever wrote it. */
export interface Registered {
  readonly name: string;
  /** False for groups, settings and whatever else is not the entry of a module. */
  readonly isModule: boolean;
  readonly module: string | null;
  readonly path: string | null;
  readonly investigation_id: string | null;
  /** Line of its key, counted from 1; 0 for an entry added since the file was parsed. */
  readonly line: number;
}

export type Standing =
  | { readonly kind: "new" }
  /** Written by this very investigation: a repetition after a crash. */
  | { readonly kind: "own" }
  | { readonly kind: "registered"; readonly as: Registered }
  | { readonly kind: "name-taken"; readonly by: Registered };

/**
 * Where `entry` stands towards what the registry holds under its name and under its path.
 * The same module under another name is registered already: a module has one entry.
 */
export function standingOf(
  entry: Pick<ModuleEntry, "module" | "path" | "investigation_id">,
  sameName: Registered | undefined,
  samePath: Registered | undefined,
): Standing {
  if (sameName?.investigation_id === entry.investigation_id) return { kind: "own" };
  if (samePath?.investigation_id === entry.investigation_id) return { kind: "own" };
  if (sameName) {
    return sameName.isModule && placesOf(sameName).some((place) => placesOf(entry).includes(place))
      ? { kind: "registered", as: sameName }
      : { kind: "name-taken", by: sameName };
  }
  return samePath ? { kind: "registered", as: samePath } : { kind: "new" };
}

/** The comparable forms of where an entry says its module is: `src.audio`, `src/audio/` and `audio` are one place. */
export function placesOf(entry: { readonly module: string | null; readonly path: string | null }): string[] {
  const places = [entry.module, entry.path].filter((place) => place !== null).map(normalizePlace);
  return [...new Set(places)].filter((place) => place !== "");
}

function normalizePlace(place: string): string {
  return place
    .trim()
    .replace(/^\.\//, "")
    .replace(/\/+$/, "")
    .replace(/\.pyi?$/, "")
    .replaceAll("/", ".")
    .replace(/^src\./, "");
}
