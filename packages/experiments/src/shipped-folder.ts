/** Where the experiments that come with the mesh lie. */
import { fileURLToPath } from "node:url";

/** Folder of the shipped experiments' programs: the placeholder `{experiments}`. */
export function shippedExperimentsFolder(): string {
  return fileURLToPath(new URL("../../shipped-experiments/dist", import.meta.url));
}

/** The package around it, where their templates lie. */
export function shippedPackageFolder(): string {
  return fileURLToPath(new URL("../../shipped-experiments", import.meta.url));
}
