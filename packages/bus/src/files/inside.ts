/** Whether a path stays where it belongs: the one place that decides it, for paths that come from signals and files. */
import { isAbsolute, relative, sep } from "node:path";

/** Whether `path` is `root` or lies below it. Both absolute; links resolved by the caller, or they are not looked at. Pure. */
export function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
