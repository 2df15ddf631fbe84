/**
 * The files in `keys/`: one secret per identity, the list of keys that are let in, the list of those that no longer are.
 * JSON, one key to a line of Z85, mode 0600. A file that others can read is refused, as ssh does: a secret that was
 * readable is a secret no more. A key that stands in both lists is revoked.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { errnoOf } from "../../files/errors.ts";
import { KeyFileError, KeyRefusedError } from "../errors.ts";
import { decodeKey } from "./z85.ts";

/** `daemon`: of the roster; `command`: `chem_bus`; `client`: a program beside the mesh. */
export type KeyKind = "daemon" | "command" | "client";

export interface AllowedKey {
  readonly name: string;
  readonly kind: KeyKind;
  /** Z85. */
  readonly public_key: string;
  /** RFC 3339, UTC. */
  readonly since: string;
}

export interface RevokedKey extends AllowedKey {
  /** RFC 3339, UTC. */
  readonly revoked: string;
}

export interface SecretKey extends AllowedKey {
  /** Z85. */
  readonly secret_key: string;
}

export interface Keys {
  readonly allowed: readonly AllowedKey[];
  readonly revoked: readonly RevokedKey[];
}

/** A list of keys is kilobytes; more than this, in bytes, is not ours. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const OTHERS = 0o077;
const ROOT_UID = 0;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const KINDS: readonly unknown[] = ["daemon", "command", "client"];

export function keysFolder(home: string): string {
  return join(home, "keys");
}
export function allowedPath(home: string): string {
  return join(keysFolder(home), "allowed.json");
}
export function revokedPath(home: string): string {
  return join(keysFolder(home), "revoked.json");
}
/** @throws {KeyRefusedError} the name could lead out of the folder, or is no name */
export function secretPath(home: string, name: string): string {
  return join(keysFolder(home), `${checkedName(name)}.secret.json`);
}

/** @throws {KeyRefusedError} */
export function checkedName(name: string): string {
  if (NAME.test(name)) return name;
  throw new KeyRefusedError(
    `${JSON.stringify(name)} is no name for a key: at most 64 letters, digits, _ and -, beginning with a letter or digit`,
  );
}

/** Both lists; a file that is not there is an empty list. @throws {KeyFileError} */
export function readKeys(home: string): Keys {
  return {
    allowed: readList(allowedPath(home), isAllowed),
    revoked: readList(revokedPath(home), isRevoked),
  };
}

/** The secret of an identity, or null when the home has none. @throws {KeyFileError} */
export function readSecret(home: string, name: string): SecretKey | null {
  const path = secretPath(home, name);
  const value = readJson(path);
  if (value === undefined) return null;
  if (!isSecret(value)) throw new KeyFileError(path, "does not hold a secret key as chem-bus keys writes it");
  if (value.name !== name) throw new KeyFileError(path, `holds the key of ${value.name}, not of ${name}`);
  return value;
}

function readList<K>(path: string, isKey: (value: unknown) => value is K): readonly K[] {
  const value = readJson(path);
  if (value === undefined) return [];
  const keys = isRecord(value) ? value["keys"] : null;
  if (!Array.isArray(keys)) throw new KeyFileError(path, 'has no list "keys"');
  return keys.map((key: unknown, n) => {
    if (isKey(key)) return key;
    throw new KeyFileError(path, `keys[${String(n)}] lacks a field or has a key that is no Z85 of 32 bytes`);
  });
}

function readJson(path: string): unknown {
  const text = readPrivate(path);
  if (text === null) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new KeyFileError(path, "is not JSON; restore it from a backup", { cause });
  }
}

/** Opened once, then looked at: what is checked is what is read. */
function readPrivate(path: string): string | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return null;
    const why =
      errnoOf(cause) === "ELOOP" ? "is a symbolic link" : `cannot be read (${String(errnoOf(cause))})`;
    throw new KeyFileError(path, `${why}; it must be a file of the user that runs the mesh`, { cause });
  }
  try {
    const { mode, uid, size } = fstatSync(fd);
    const problem = complaint(mode, uid, size);
    if (problem !== null) throw new KeyFileError(path, problem);
    return readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}

function complaint(mode: number, uid: number, size: number): string | null {
  if ((mode & constants.S_IFMT) !== constants.S_IFREG) return "is not a file; move it away";
  const me = process.geteuid?.() ?? uid;
  if (uid !== me && uid !== ROOT_UID && me !== ROOT_UID)
    return `belongs to user ${String(uid)}, not to ${String(me)} who runs this; give it to the user that runs the mesh (chown)`;
  if ((mode & OTHERS) !== 0)
    return `others may read or write it (mode ${(mode & 0o777).toString(8)}): close it with chmod 600, and rotate the key if somebody may have read it (chem-bus keys rotate)`;
  return size > MAX_FILE_BYTES ? "is far too large for a list of keys" : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isAllowed(value: unknown): value is AllowedKey {
  if (!isRecord(value)) return false;
  const { name, kind, public_key, since } = value;
  return (
    typeof name === "string" &&
    NAME.test(name) &&
    KINDS.includes(kind) &&
    typeof since === "string" &&
    typeof public_key === "string" &&
    decodeKey(public_key) !== null
  );
}

function isRevoked(value: unknown): value is RevokedKey {
  return isAllowed(value) && typeof (value as Partial<RevokedKey>).revoked === "string";
}

function isSecret(value: unknown): value is SecretKey {
  if (!isAllowed(value)) return false;
  const { secret_key } = value as Partial<SecretKey>;
  return typeof secret_key === "string" && decodeKey(secret_key) !== null;
}
