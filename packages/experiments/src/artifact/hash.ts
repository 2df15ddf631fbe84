/** Hashes by which files and folders are recognised, byte for byte. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

/**
 * SHA-256 of a file's bytes, in hexadecimal.
 * @throws the error of the file system
 */
export async function fileSha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/**
 * SHA-256 over a folder: names, contents, executable bits and targets of symbolic links of all that is in it, in hexadecimal.
 * Times and owners do not count.
 * @throws the error of the file system
 */
export async function treeSha256(folder: string): Promise<string> {
  const hash = createHash("sha256");
  await addFolder(folder, "", hash);
  return hash.digest("hex");
}

async function addFolder(folder: string, name: string, hash: ReturnType<typeof createHash>): Promise<void> {
  hash.update(`folder ${JSON.stringify(name)}\n`);
  for (const entry of (await readdir(folder)).sort()) {
    const path = join(folder, entry);
    const entryName = name === "" ? entry : `${name}/${entry}`;
    const found = await lstat(path);
    if (found.isDirectory()) await addFolder(path, entryName, hash);
    else if (found.isSymbolicLink())
      hash.update(`link ${JSON.stringify([entryName, await readlink(path)])}\n`);
    else if (found.isFile()) {
      const isExecutable = (found.mode & 0o111) !== 0;
      hash.update(`file ${JSON.stringify([entryName, isExecutable, await fileSha256(path)])}\n`);
    } else hash.update(`other ${JSON.stringify(entryName)}\n`);
  }
}
