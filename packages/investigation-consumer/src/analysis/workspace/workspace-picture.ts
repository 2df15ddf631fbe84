/**
 * What lies where in the workspace: one walk, kept for a few seconds, so that many investigations in a row do not
 * each walk the same tree. All paths are relative to the workspace, with `/`.
 */
import { walkSources, type SourceFile } from "../files/walk-sources.ts";
import { stemOf } from "../source-language.ts";

export class WorkspacePicture {
  /** Absolute, links resolved. */
  readonly root: string;
  readonly files: readonly SourceFile[];
  /** Source files beyond the limit, which were not looked at. */
  readonly filesLeftOut: number;
  readonly rootError: string | null;
  readonly takenAtMs: number;
  readonly #byName = new Map<string, string[]>();
  readonly #known = new Set<string>();

  constructor(root: string, maxFiles: number) {
    const tree = walkSources(root, maxFiles);
    this.root = root;
    this.files = tree.files;
    this.filesLeftOut = tree.filesLeftOut;
    this.rootError = tree.rootError;
    this.takenAtMs = performance.now();
    for (const folder of tree.folders) this.#enter(folder, folder);
    for (const file of tree.files) this.#enter(file.path, withoutExtension(file.path));
  }

  /** Whether there is a folder or a source file of this path; extensions are left out. */
  has(path: string): boolean {
    return this.#known.has(path);
  }

  /** Folders and source files whose last part is this name, nearest to the root first. */
  named(name: string): readonly string[] {
    return this.#byName.get(foldName(name)) ?? [];
  }

  #enter(path: string, known: string): void {
    this.#known.add(known);
    const name = foldName(known.slice(known.lastIndexOf("/") + 1));
    const paths = this.#byName.get(name);
    if (paths) paths.push(path);
    else this.#byName.set(name, [path]);
  }
}

/** `audio-tools` and `audio_tools` are one name: the first is how npm writes it, the second how Python does. */
export function foldName(name: string): string {
  return name.replaceAll("-", "_").toLowerCase();
}

export function withoutExtension(path: string): string {
  const slash = path.lastIndexOf("/") + 1;
  return path.slice(0, slash) + stemOf(path.slice(slash));
}
