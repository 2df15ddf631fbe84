/** What `deployed/<experiment>/current` says. Reads only; the deployer alone switches it. */
import { lstat, readlink, stat } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import type { DeployedPaths } from "./deployed-paths.ts";

/** `broken`: something is there that is no link to a version; `problem` says what, and how to mend it. */
export type CurrentLink =
  | { readonly kind: "none" }
  | { readonly kind: "version"; readonly version_id: string }
  | { readonly kind: "broken"; readonly problem: string };

/** The version that `current` names. @throws errors of the file system other than that nothing is there */
export async function readCurrentLink(paths: DeployedPaths): Promise<CurrentLink> {
  const { current, folder, versions } = paths;
  const found = await lstat(current).catch(nullIfMissing);
  if (found === null) return { kind: "none" };
  if (!found.isSymbolicLink()) {
    const what = found.isDirectory() ? "a folder" : "a file";
    return broken(
      `${current} is ${what}, not a link to a version; move it away, then put the link back: ln -sfn versions/<id> ${current}`,
    );
  }
  const target = await readlink(current);
  const version = resolve(folder, target);
  if (dirname(version) !== resolve(versions))
    return broken(
      `${current} leads to ${target}, which is no version in ${versions}; put it right: ln -sfn versions/<id> ${current}`,
    );
  const there = await stat(version).catch(nullIfMissing);
  if (there?.isDirectory() !== true)
    return broken(
      `${current} leads to ${target}, where no version is; point it to one that exists (ln -sfn versions/<id> ${current}) or remove it`,
    );
  return { kind: "version", version_id: relative(resolve(versions), version) };
}

function broken(problem: string): CurrentLink {
  return { kind: "broken", problem };
}

function nullIfMissing(cause: unknown): null {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") return null;
  throw cause;
}
