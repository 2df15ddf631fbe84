/** The folder this program belongs to: an unpacked release, an installed one, or a built checkout. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { answerNo } from "../../program/errors.ts";

/** Says that a folder is a release; beside `packages/` and `node_modules/`. */
export const RELEASE_FILE = "release.json";

/** What a release says of itself. */
export interface ReleaseInfo {
  readonly version: string;
  /** Version and content: two releases with one id are the same. Names its folder. */
  readonly id: string;
  readonly platform: string;
  readonly arch: string;
}

/** Five levels above `packages/cli/{src,dist}/systemd/release/`. */
export const OWN_ROOT = resolve(fileURLToPath(new URL("../../../../../", import.meta.url)));

/** What the release in `root` says of itself; null when there is none. @throws {CommandError} 1 what it says is garbage */
export function readReleaseInfo(root: string): ReleaseInfo | null {
  const path = join(root, RELEASE_FILE);
  if (!existsSync(path)) return null;
  try {
    const { version, id, platform, arch } = JSON.parse(readFileSync(path, "utf8")) as Partial<ReleaseInfo>;
    if (version && id && platform && arch && /^[\w.+-]+$/.test(id)) return { version, id, platform, arch };
  } catch {
    // Told below.
  }
  throw answerNo(`${path} does not describe a release: unpack the tarball again`);
}
