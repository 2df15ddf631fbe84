/**
 * Takes a file out of the intents folder, and makes sure that it was the file that was meant.
 *
 * M1 Nothing is overwritten: a name that is taken gets a number.
 * M2 Looking at a file and moving it are two steps, and a writer may put another file under the name in between. So the file
 *    is moved first and compared then; the wrong one goes back to where it was and is met there as a new arrival.
 */
import { lstat, mkdir, rename } from "node:fs/promises";
import { errnoOf } from "../errno.ts";
import { identityOf, isSameFile, type FileIdentity } from "./file-identity.ts";
import { pathOf, type RawName } from "./raw-name.ts";

/** `replaced`: another file stood there; it is back in the folder. */
export interface Moved {
  readonly kind: "moved" | "gone" | "replaced";
}

/** Longest name of a file that Linux takes, in bytes. */
const MAX_NAME_BYTES = 255;

/** Moves `name` from one folder to the other, there under `target`, a name that is free (M1). @throws system errors */
export async function moveAside(
  from: string,
  name: RawName,
  identity: FileIdentity,
  to: string,
  target: RawName,
): Promise<Moved> {
  if (!(await renamed(from, name, to, target))) return { kind: "gone" };
  const moved = await lstat(pathOf(to, target), { bigint: true });
  if (isSameFile(identityOf(moved), identity)) return { kind: "moved" };
  const back = await freeName(from, name); // M2
  await rename(pathOf(to, target), pathOf(from, back));
  return { kind: "replaced" };
}

/** False when there was nothing to move. The target folder is made anew when somebody has removed it. */
async function renamed(from: string, name: RawName, to: string, target: RawName): Promise<boolean> {
  for (let again = false; ; again = true) {
    try {
      await rename(pathOf(from, name), pathOf(to, target));
      return true;
    } catch (cause) {
      if (errnoOf(cause) !== "ENOENT") throw cause;
      if (again || !(await exists(from, name))) return false;
      await mkdir(to, { recursive: true, mode: 0o700 });
    }
  }
}

/**
 * A name that nobody has in `folder`: the wanted one, else `name.2.json`, `name.3.json`, …; cut when it is so long that
 * `room` further bytes would not fit. `reserved` names count as taken. This daemon is the only one that puts files into its folders.
 */
export async function freeName(
  folder: string,
  wanted: RawName,
  room = 0,
  reserved?: ReadonlySet<RawName>,
): Promise<RawName> {
  const { stem, suffix } = split(wanted);
  for (let number = 1; ; number += 1) {
    const end = number === 1 ? suffix : `.${number}${suffix}`;
    const name = stem.slice(0, MAX_NAME_BYTES - room - end.length) + end;
    if (reserved?.has(name) !== true && !(await exists(folder, name))) return name;
  }
}

async function exists(folder: string, name: RawName): Promise<boolean> {
  try {
    await lstat(pathOf(folder, name));
    return true;
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return false;
    throw cause;
  }
}

function split(name: RawName): { stem: string; suffix: string } {
  const dot = name.lastIndexOf(".");
  return dot <= 0 || name.length - dot > 16
    ? { stem: name, suffix: "" }
    : { stem: name.slice(0, dot), suffix: name.slice(dot) };
}

/** Which file stands under the name; undefined when none does. */
export async function identityAt(folder: string, name: RawName): Promise<FileIdentity | undefined> {
  try {
    return identityOf(await lstat(pathOf(folder, name), { bigint: true }));
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return undefined;
    throw cause;
  }
}
