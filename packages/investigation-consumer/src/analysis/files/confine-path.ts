/** Paths that come from signals: resolved, and confined to the workspace. Symbolic links do not escape. */
import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { isInside } from "@kloros/bus";

export type ConfinedPath =
  | { readonly kind: "inside"; /** Absolute, links resolved. */ readonly path: string }
  | { readonly kind: "outside" }
  | { readonly kind: "missing" }
  | { readonly kind: "unreadable"; readonly errno: string };

/** `workspace` is absolute with links resolved. Whether something outside of it exists is not told. */
export function confinePath(workspace: string, candidate: string): ConfinedPath {
  if (candidate.includes("\0")) return { kind: "missing" };
  const named = resolve(workspace, candidate);
  try {
    const real = realpathSync(named);
    return isInside(workspace, real) ? { kind: "inside", path: real } : { kind: "outside" };
  } catch (cause) {
    const errno = (cause as NodeJS.ErrnoException).code ?? "EUNKNOWN";
    if (!isInside(workspace, named)) return { kind: "outside" };
    return errno === "ENOENT" || errno === "ENOTDIR" ? { kind: "missing" } : { kind: "unreadable", errno };
  }
}
