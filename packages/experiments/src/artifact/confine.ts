/** Keeps the files of artifacts where they belong: what is read in the given folders, what is written in the work folder. */
import { mkdir, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { isInside } from "@kloros/bus";

export type Confined =
  { readonly kind: "inside"; readonly path: string } | { readonly kind: "refused"; readonly message: string };

const MAX_NAME_BYTES = 255;

/** What is wrong with a name of a file in the work folder and in a version's folder; undefined: nothing. */
export function fileNameProblem(file: string): string | undefined {
  const parts = file.split("/");
  const isPlain =
    !isAbsolute(file) &&
    !/[\0\\]/.test(file) &&
    parts.every((part) => part !== "" && part !== "." && part !== "..");
  if (!isPlain) return "must be a plain relative path without . and .. (such as config/tuned.json)";
  if (parts.some((part) => Buffer.byteLength(part) > MAX_NAME_BYTES))
    return "has a name longer than 255 bytes";
  if (parts.some((part) => part.startsWith(".kloros") || part === "version.json"))
    return "has a name that is kept for the mesh's own files";
  return undefined;
}

/**
 * The real path of `path`, provided that it lies in one of the roots, links followed. A relative path is looked for in each root, in
 * their order.
 */
export async function confinedSource(path: string, roots: readonly string[]): Promise<Confined> {
  const places = isAbsolute(path) ? [path] : roots.map((root) => resolve(root, path));
  for (const place of places) {
    const real = await realpathOrUndefined(place);
    if (real === undefined) continue;
    for (const root of roots) {
      const realRoot = await realpathOrUndefined(root);
      if (realRoot !== undefined && isInside(realRoot, real)) return { kind: "inside", path: real };
    }
    const message = `${place} (really ${real}) lies outside of ${roots.join(", ")}; move it into one of them`;
    return { kind: "refused", message };
  }
  return {
    kind: "refused",
    message: `${path} does not exist or cannot be read (looked for ${places.join(", ")})`,
  };
}

async function realpathOrUndefined(path: string): Promise<string | undefined> {
  return await realpath(path).catch(() => undefined);
}

/** Path of `file` in the work folder; its folders are made, and none of them may be a link that leads elsewhere. */
export async function confinedTarget(workDir: string, file: string): Promise<Confined> {
  const problem = fileNameProblem(file);
  if (problem !== undefined)
    return { kind: "refused", message: `artifact.file ${JSON.stringify(file)} ${problem}` };
  const path = join(workDir, file);
  if (!file.includes("/")) return { kind: "inside", path };
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const [realWork, realFolder] = await Promise.all([realpath(workDir), realpath(dirname(path))]);
  return isInside(realWork, realFolder)
    ? { kind: "inside", path }
    : { kind: "refused", message: `artifact.file ${file} leads out of the work folder, to ${realFolder}` };
}
