/**
 * A home is its owner's alone: who may enter `run/` may speak for the daemons, who may write the home may put another
 * `run/` there. What is too open is closed, and said; what is not ours to close is refused.
 */
import { chmod, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf, FileError, HomeNotPrivateError } from "./errors.ts";

/** Sockets, secrets, journals and copies of what programs keep. */
const PRIVATE_FOLDERS = ["journal", "checkpoints", "run", "keys"];
/** One of these makes a folder a home. Anything else might be a folder that others need, such as /srv. */
const SIGNS_OF_A_HOME = ["mesh.yaml", "intents", "dream_lab", "journal", "run", "keys"];
const OTHERS = 0o077;
const STICKY = 0o1000;
const PRIVATE_MODE = 0o700;

/**
 * Closes the home and its private folders to others where they exist and are open. Returns what was closed, as sentences
 * for the log.
 * @throws {HomeNotPrivateError} it belongs to somebody else, or is open and cannot or must not be closed
 */
export async function closeHome(home: string): Promise<readonly string[]> {
  const closed: string[] = [];
  for (const path of [home, ...PRIVATE_FOLDERS.map((folder) => join(home, folder))]) {
    const found = await stat(path).catch((cause: unknown) => {
      if (["ENOENT", "ENOTDIR"].includes(String(errnoOf(cause)))) return null; // Who creates it says what is wrong.
      throw new FileError("look at", path, cause);
    });
    if (found === null || !found.isDirectory()) continue;
    refuseForeign(path, found.uid);
    const mode = found.mode & 0o7777;
    if ((mode & OTHERS) === 0) continue;
    if (path === home) await refuseForeignFolder(home, mode);
    await close(path, mode);
    closed.push(`${path} was open to other users (mode ${octal(mode)}) and is closed now (700)`);
  }
  return closed;
}

function refuseForeign(path: string, uid: number): void {
  const me = process.geteuid?.() ?? uid;
  if (uid === me) return;
  throw new HomeNotPrivateError(
    path,
    `belongs to user ${String(uid)}, and this runs as user ${String(me)}: run it as its owner (runuser, systemctl), give it to this user (chown -R), or choose another home`,
  );
}

/** /tmp, or a folder in which other things live, must not be closed because somebody mistyped a path. */
async function refuseForeignFolder(home: string, mode: number): Promise<void> {
  const names = await readdir(home);
  const isHome = names.length === 0 || names.some((name) => SIGNS_OF_A_HOME.includes(name));
  if (isHome && (mode & STICKY) === 0) return;
  throw new HomeNotPrivateError(
    home,
    `is open to other users (mode ${octal(mode)}) and is no home of a mesh: choose a folder of its own, or close it yourself with chmod 700`,
  );
}

async function close(path: string, mode: number): Promise<void> {
  try {
    await chmod(path, PRIVATE_MODE);
  } catch (cause) {
    throw new HomeNotPrivateError(
      path,
      `is open to other users (mode ${octal(mode)}) and cannot be closed (${String(errnoOf(cause))}): run chmod 700 on it`,
      { cause },
    );
  }
}

function octal(mode: number): string {
  return mode.toString(8);
}
