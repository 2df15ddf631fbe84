/** Where the packages are that a new daemon depends on: a checkout or an installed release, as links. */
import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { OWN_ROOT } from "../systemd/release/release-root.ts";

/** Versions from a registry, for a release that carries no compiler. */
export const REGISTRY_VERSIONS = { typescript: "^6.0.3", "@types/node": "^20.19.43" } as const;

export interface Installation {
  /** Absolute; survives an upgrade where there is a `current`. */
  readonly root: string;
  /** What a package.json says of a package: `file:…`, or a version where it is not there. */
  readonly dependency: (name: keyof typeof REGISTRY_VERSIONS | `@kloros/${string}`) => string;
  /** The compiler is linked, too: nothing is fetched from a registry. */
  readonly isComplete: boolean;
}

/** The installation this program belongs to, or the one at `ownRoot`. */
export function installation(ownRoot: string = OWN_ROOT): Installation {
  const root = stableRoot(ownRoot);
  const here = (name: string): boolean => existsSync(join(root, "node_modules", name, "package.json"));
  return {
    root,
    dependency: (name) => {
      if (name.startsWith("@kloros/")) return `file:${join(root, "packages", name.slice("@kloros/".length))}`;
      const version = REGISTRY_VERSIONS[name as keyof typeof REGISTRY_VERSIONS];
      return here(name) ? `file:${join(root, "node_modules", name)}` : version;
    },
    isComplete: here("typescript") && here("@types/node"),
  };
}

/** `/opt/kloros/releases/1.2.3-…` is left by an upgrade, `/opt/kloros/current` is not. */
function stableRoot(root: string): string {
  const current = join(dirname(dirname(root)), "current");
  const isRelease = basename(dirname(root)) === "releases" && existsSync(current);
  return isRelease && realpathSync(current) === realpathSync(root) ? current : root;
}
