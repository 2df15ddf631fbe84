/** Which files of a built checkout make a release. What other platforms need is left out. */
import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { dependencyFolders, packageFolders } from "./dependencies.ts";

/** Besides the packages and what they depend on. */
const ROOT_ENTRIES = ["LICENSE", "README.md", "CHANGELOG.md", "docs", "schemas", "systemd"] as const;
/** Of our packages: what only building and testing need. */
const NOT_SHIPPED = /(?:^|\/)(?:node_modules|test|tsconfig\.json)$|\.(?:map|tsbuildinfo)$/;
/** Of others' packages: what only people, compilers and other runtimes read. */
const NOT_RUN = /\.(?:map|d\.[mc]?ts|bare|lib|pdb|flow)$/;

export interface ReleaseFiles {
  /** Relative to the checkout, in order. */
  readonly files: readonly string[];
  /** Links `node_modules/@kloros/<package>` → `../../packages/<package>`. */
  readonly links: readonly { readonly path: string; readonly target: string }[];
}

/** @throws {CommandError} 1 a dependency is not installed */
export function releaseFiles(root: string, arch: string): ReleaseFiles {
  const packages = packageFolders(root);
  const own = [...ROOT_ENTRIES.filter((entry) => existsSync(join(root, entry)))];
  const files = [
    ...own.flatMap((entry) => filesBelow(root, entry, () => true)),
    ...packages.flatMap((name) => filesBelow(root, `packages/${name}`, (path) => !NOT_SHIPPED.test(path))),
    ...dependencyFolders(root).flatMap((folder) =>
      filesBelow(root, folder, (path) => isForThisPlatform(relative(folder, path), arch)),
    ),
  ];
  return {
    files: [...new Set(files)].sort(),
    links: packages.map((name) => ({
      path: `node_modules/@kloros/${name}`,
      target: `../../packages/${name}`,
    })),
  };
}

/** Whether a file of a third-party package is of use on Linux with glibc on `arch`. */
export function isForThisPlatform(path: string, arch: string): boolean {
  if (NOT_RUN.test(path)) return false;
  if (/(?:^|\/)node_modules$/.test(path)) return false; // Nested packages are walked to by themselves.
  if (/(?:^|[/.-])musl(?:[/.-]|$)/.test(path)) return false;
  const [, prebuilt] = /(?:^|\/)prebuilds\/([^/]+)/.exec(path) ?? [];
  if (prebuilt !== undefined && prebuilt !== `linux-${arch}`) return false;
  const [, platform, forArch] = /^build\/(linux|darwin|win32)(?:\/([^/]+))?/.exec(path) ?? [];
  return platform === undefined || (platform === "linux" && [arch, undefined].includes(forArch));
}

/** Files at or below `entry`; a folder is entered when `isWanted` says so, too. */
function filesBelow(root: string, entry: string, isWanted: (path: string) => boolean): string[] {
  const files: string[] = [];
  const visit = (path: string, isFolder: boolean): void => {
    if (path !== entry && !isWanted(path)) return;
    if (!isFolder) {
      files.push(path);
      return;
    }
    for (const found of readdirSync(join(root, path), { withFileTypes: true })) {
      if (found.isDirectory() || found.isFile()) visit(`${path}/${found.name}`, found.isDirectory());
    }
  };
  visit(entry, !/\.md$|LICENSE$/.test(entry));
  return files;
}
