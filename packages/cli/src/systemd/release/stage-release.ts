/** Writes a release into a folder: from a built checkout, or from another release. */
import { createHash } from "node:crypto";
import { constants, type Dirent } from "node:fs";
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { RELEASE_BIN } from "../launcher-text.ts";
import { readReleaseInfo, RELEASE_FILE, type ReleaseInfo } from "./release-root.ts";
import { releaseFiles } from "./release-files.ts";

/** A disk is kept busy with few; each holds two file descriptors. */
const COPIES_AT_ONCE = 32;
/** Hexadecimal digits of the content in a release's id. */
const ID_DIGITS = 8;

/** What the release made of `root` is called: a release's own id, or one computed from the files of a checkout. */
export async function identifyRelease(root: string): Promise<ReleaseInfo> {
  return readReleaseInfo(root) ?? (await identifyCheckout(root));
}

/** Copies the release that `root` is, or makes, into the new folder `to`. Readable by all, writable by the owner. */
export async function stageRelease(root: string, to: string, info: ReleaseInfo): Promise<void> {
  if (readReleaseInfo(root) !== null) return copyTree(root, to);
  const { files, links } = releaseFiles(root, info.arch);
  for (const folder of new Set(files.map((file) => dirname(file)))) await makeFolder(join(to, folder));
  await copyAll(files.map((file) => [join(root, file), join(to, file)]));
  await makeFolder(join(to, "node_modules/@kloros"));
  for (const { path, target } of links) await symlink(target, join(to, path));
  await makeFolder(join(to, "bin"));
  for (const [name, text] of Object.entries(RELEASE_BIN)) {
    await writeFile(join(to, "bin", name), text);
    await chmod(join(to, "bin", name), 0o755);
  }
  await writeFile(join(to, RELEASE_FILE), `${JSON.stringify(info, null, 2)}\n`, { mode: 0o644 });
}

async function identifyCheckout(root: string): Promise<ReleaseInfo> {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  const hash = createHash("sha256");
  for (const file of releaseFiles(root, process.arch).files)
    hash.update(`${file}\0`).update(
      createHash("sha256")
        .update(await readFile(join(root, file)))
        .digest(),
    );
  const id = `${version}-${hash.digest("hex").slice(0, ID_DIGITS)}`;
  return { version, id, platform: "linux", arch: process.arch };
}

async function copyTree(from: string, to: string): Promise<void> {
  await makeFolder(to);
  const files: [string, string][] = [];
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (isLink(entry)) await symlink(await readlink(source), target);
    else if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.isFile()) files.push([source, target]);
  }
  await copyAll(files);
}

function isLink(entry: Dirent): boolean {
  return entry.isSymbolicLink();
}

async function copyAll(files: readonly (readonly [from: string, to: string])[]): Promise<void> {
  for (let next = 0; next < files.length; next += COPIES_AT_ONCE)
    await Promise.all(files.slice(next, next + COPIES_AT_ONCE).map(async ([from, to]) => copyOne(from, to)));
}

async function copyOne(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  const { mode } = await lstat(from);
  await chmod(to, mode & 0o111 ? 0o755 : 0o644); // Whatever umask the packer had: the service user reads it.
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o755 });
}
