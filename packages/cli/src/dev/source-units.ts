/**
 * What is built together, and which daemons run on it: the checkout as a whole, and each package of a user's own.
 * A daemon runs on its own package and on all that this depends on, as far as it is built here.
 */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import type { InstalledDaemon } from "../up/roster.ts";

/** One package: its folder, and the folder with what runs. */
export interface SourcePackage {
  readonly name: string;
  readonly folder: string;
  readonly output: string;
}

/** What one command builds. */
export interface SourceUnit {
  /** For people: `checkout`, or the package's name. */
  readonly name: string;
  readonly folder: string;
  /** null: nothing to build, what is edited is what runs. */
  readonly build: readonly [command: string, ...args: string[]] | null;
  /** Folders whose change asks for a build. */
  readonly sources: readonly string[];
  readonly packages: readonly SourcePackage[];
}

export interface SourceMap {
  /** In the order of building. */
  readonly units: readonly SourceUnit[];
  /** Daemon → folders of the packages it runs on. */
  readonly packagesOf: ReadonlyMap<string, ReadonlySet<string>>;
}

interface Manifest {
  readonly name?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** `root` is the installation: a checkout is built, a release is not. */
export function sourceMap(daemons: readonly InstalledDaemon[], root: string): SourceMap {
  const packagesOf = new Map<string, ReadonlySet<string>>();
  const outputs = new Map<string, string>();
  for (const { name, main } of daemons) {
    const folder = packageFolder(main);
    outputs.set(folder, outputOf(folder, main));
    packagesOf.set(name, closure(folder));
  }
  const folders = new Set([...packagesOf.values()].flatMap((of) => [...of]));
  const home = realpathSync(root);
  const isOurs = (folder: string): boolean => folder.startsWith(join(home, "packages") + sep);
  const packages = [...folders].map((folder) => ({
    name: isOurs(folder) ? relative(home, folder) : (manifestOf(folder).name ?? folder),
    folder,
    output: outputs.get(folder) ?? join(folder, "dist"),
  }));
  const ours = packages.filter(({ folder }) => isOurs(folder));
  const own = packages.filter(({ folder }) => !isOurs(folder)).map(ownUnit);
  return { units: [...(isCheckout(home) ? [checkout(home, ours)] : []), ...own], packagesOf };
}

function isCheckout(root: string): boolean {
  return existsSync(join(root, "tsconfig.json")) && existsSync(join(root, "node_modules", "typescript"));
}

function checkout(root: string, packages: readonly SourcePackage[]): SourceUnit {
  return {
    name: "checkout",
    folder: root,
    build: [process.execPath, join(root, "node_modules", "typescript", "bin", "tsc"), "--build"],
    sources: packages.map(({ folder }) => join(folder, "src")),
    packages,
  };
}

function ownUnit(own: SourcePackage): SourceUnit {
  const { name, folder } = own;
  const compiler = join(folder, "node_modules", "typescript", "bin", "tsc");
  const build: SourceUnit["build"] =
    manifestOf(folder).scripts?.["build"] !== undefined
      ? ["npm", "run", "--silent", "build"]
      : existsSync(join(folder, "tsconfig.json")) && existsSync(compiler)
        ? [process.execPath, compiler, "--project", folder]
        : null;
  return { name, folder, build, sources: [folder], packages: [own] };
}

/** The folder and every folder that it depends on by a link or a workspace. */
function closure(folder: string, seen = new Set<string>()): Set<string> {
  if (seen.has(folder)) return seen;
  seen.add(folder);
  for (const name of Object.keys(manifestOf(folder).dependencies ?? {})) {
    const place = dependencyFolder(folder, name);
    if (place !== undefined && !place.split(sep).includes("node_modules")) closure(place, seen);
  }
  return seen;
}

function dependencyFolder(folder: string, name: string): string | undefined {
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    const place = join(at, "node_modules", name);
    if (existsSync(place)) return realpathSync(place);
  }
  return undefined;
}

/** The nearest folder above a program that is a package; else the program's own. */
function packageFolder(main: string): string {
  const program = existsSync(main) ? realpathSync(main) : main;
  for (let at = dirname(program); at !== dirname(at); at = dirname(at)) {
    if (existsSync(join(at, "package.json"))) return at;
  }
  return dirname(program);
}

/** The topmost folder below the package that holds the program: `dist` of `dist/src/main.js`. */
function outputOf(folder: string, main: string): string {
  const [top = "", ...rest] = relative(folder, existsSync(main) ? realpathSync(main) : main).split(sep);
  return rest.length === 0 ? folder : join(folder, top);
}

function manifestOf(folder: string): Manifest {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  } catch {
    return {}; // None, or being written at this moment.
  }
}
