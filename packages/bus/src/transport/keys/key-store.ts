/**
 * Making, admitting and revoking keys: what `chem-bus keys` does. Running daemons re-read the files by themselves.
 *
 * K1 Nothing that exists is overwritten: a key changes only by `rotate`, and goes only by `revoke`.
 * K2 What is revoked stands in the revoked list before it leaves the other one: a crash in between lets nobody in.
 * K3 One writer at a time, under `keys/keys.lock`; each file is replaced as a whole.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { curveKeyPair } from "zeromq";
import { ensureHome } from "../../files/ensure-home.ts";
import { FileLockTimeoutError } from "../../files/errors.ts";
import { waitForFileLock } from "../../files/file-lock.ts";
import { writeFileAtomic } from "../../files/write-file-atomic.ts";
import { KeyRefusedError } from "../errors.ts";
import {
  allowedPath,
  checkedName,
  keysFolder,
  readKeys,
  readSecret,
  revokedPath,
  secretPath,
  type AllowedKey,
  type KeyKind,
  type Keys,
  type SecretKey,
} from "./key-files.ts";
import { decodeKey } from "./z85.ts";

/** The identity of the commands: listening over TCP needs a key of one's own, too. */
export const COMMAND_IDENTITY = "chem_bus";

/** Keys are written in milliseconds; longer than this somebody else hangs. */
const LOCK_DEADLINE_MS = 10_000;
/** A mesh has dozens of daemons and clients, not thousands. */
const MAX_KEYS = 10_000;
const COMMENTS = {
  allowed: "Who is let in. Written by chem-bus keys; running daemons notice changes at once.",
  revoked: "Keys that are refused for ever. Written by chem-bus keys revoke and rotate.",
  secret: "Whoever has this file can speak as this name. Never copy a daemon's to another machine.",
};

export interface InitializedKeys {
  readonly created: readonly string[];
  readonly kept: readonly string[];
  /** Names whose key was revoked: they get a new one by `keys add` only. */
  readonly revoked: readonly string[];
}

export interface AddedKey {
  readonly key: AllowedKey;
  /** Where the secret is, or null when its owner keeps it elsewhere. */
  readonly secretFile: string | null;
  readonly created: boolean;
}

/** A key for each of `daemons` and for the commands; those that have one keep it (K1). */
export async function initKeys(home: string, daemons: readonly string[]): Promise<InitializedKeys> {
  return change(home, async (keys) => {
    const result = { created: [] as string[], kept: [] as string[], revoked: [] as string[] };
    const allowed = [...keys.allowed];
    for (const name of new Set([...daemons, COMMAND_IDENTITY])) {
      if (allowed.some((key) => key.name === name)) result.kept.push(name);
      else if (keys.revoked.some((key) => key.name === name)) result.revoked.push(name);
      else {
        // A secret without an entry is an earlier init that was interrupted.
        const kind = name === COMMAND_IDENTITY ? "command" : "daemon";
        allowed.push(publicPart(readSecret(home, name) ?? (await makeSecret(home, name, kind))));
        result.created.push(name);
      }
    }
    if (result.created.length > 0) await writeAllowed(home, allowed);
    return result;
  });
}

/** Lets `name` in: with the public key that its owner gave, or with a new pair whose secret lies in the home then. */
export async function addKey(
  home: string,
  name: string,
  options: { readonly kind: KeyKind; readonly publicKey?: string },
): Promise<AddedKey> {
  const { kind, publicKey } = options;
  checkedName(name);
  if (publicKey !== undefined && decodeKey(publicKey) === null)
    throw new KeyRefusedError(
      `${JSON.stringify(publicKey)} is no public key: 40 characters of Z85 are expected; quote it in the shell`,
    );
  return change(home, async (keys) => {
    const known = keys.allowed.find((key) => key.name === name);
    if (known !== undefined) return { ...admitted(home, known, publicKey), created: false };
    if (publicKey !== undefined) refuseIfKnown(keys, publicKey);
    if (keys.allowed.length >= MAX_KEYS)
      throw new KeyRefusedError(`there are ${String(MAX_KEYS)} keys already`);
    const key =
      publicKey === undefined
        ? publicPart(await freshSecret(home, name, kind, keys))
        : { name, kind, public_key: publicKey, since: new Date().toISOString() };
    await writeAllowed(home, [...keys.allowed, key]);
    return { ...admitted(home, key, publicKey), created: true };
  });
}

/** Refuses the key of `name` from now on, for ever. Returns it. @throws {KeyRefusedError} nobody of this name is let in */
export async function revokeKey(home: string, name: string): Promise<AllowedKey> {
  return change(home, async (keys) => {
    const key = keys.allowed.find((known) => known.name === name);
    if (key === undefined) throw new KeyRefusedError(nobody(name, keys));
    await writeRevoked(home, keys, [key]); // K2
    await writeAllowed(
      home,
      keys.allowed.filter((known) => known !== key),
    );
    await rm(secretPath(home, name), { force: true });
    return key;
  });
}

/** A new pair for `name`; the old key is revoked. @throws {KeyRefusedError} its secret is not in this home */
export async function rotateKey(home: string, name: string): Promise<AddedKey> {
  return change(home, async (keys) => {
    const old = keys.allowed.find((known) => known.name === name);
    if (old === undefined) throw new KeyRefusedError(nobody(name, keys));
    if (readSecret(home, name) === null)
      throw new KeyRefusedError(
        `the secret of ${name} is not in this home: let its owner make a new pair, then chem-bus keys revoke ${name} and chem-bus keys add ${name} --public-key <new key>`,
      );
    const key = publicPart(await makeSecret(home, name, old.kind));
    await writeRevoked(home, keys, [old]); // K2
    await writeAllowed(
      home,
      keys.allowed.map((known) => (known === old ? key : known)),
    );
    return { key, secretFile: secretPath(home, name), created: true };
  });
}

function admitted(home: string, key: AllowedKey, publicKey: string | undefined): Omit<AddedKey, "created"> {
  if (publicKey !== undefined && publicKey !== key.public_key)
    throw new KeyRefusedError(
      `${key.name} has another key already: choose another name, or chem-bus keys revoke ${key.name} first`,
    );
  const secret = readSecret(home, key.name);
  return { key, secretFile: secret === null ? null : secretPath(home, key.name) };
}

function refuseIfKnown(keys: Keys, publicKey: string): void {
  const same = ({ public_key }: AllowedKey) => public_key === publicKey;
  const revoked = keys.revoked.find(same);
  if (revoked !== undefined)
    throw new KeyRefusedError(`this key was revoked on ${revoked.revoked}; a new one is needed`);
  const owner = keys.allowed.find(same);
  if (owner !== undefined) throw new KeyRefusedError(`this is the key of ${owner.name}`);
}

function nobody(name: string, keys: Keys): string {
  const before = keys.revoked.findLast((key) => key.name === name);
  return before === undefined
    ? `nobody called ${name} is let in; see chem-bus keys list`
    : `the key of ${name} was revoked on ${before.revoked} already`;
}

/** An interrupted add left a secret; unless it is revoked, it is the one. */
async function freshSecret(home: string, name: string, kind: KeyKind, keys: Keys): Promise<SecretKey> {
  const left = readSecret(home, name);
  const usable = left !== null && !keys.revoked.some(({ public_key }) => public_key === left.public_key);
  return usable ? left : makeSecret(home, name, kind);
}

async function makeSecret(home: string, name: string, kind: KeyKind): Promise<SecretKey> {
  const { publicKey: public_key, secretKey: secret_key } = curveKeyPair();
  const secret = { name, kind, public_key, secret_key, since: new Date().toISOString() };
  await writeJson(secretPath(home, name), { comment: COMMENTS.secret, ...secret });
  return secret;
}

function publicPart({ name, kind, public_key, since }: SecretKey): AllowedKey {
  return { name, kind, public_key, since };
}

async function writeAllowed(home: string, keys: readonly AllowedKey[]): Promise<void> {
  await writeJson(allowedPath(home), { comment: COMMENTS.allowed, keys });
}

async function writeRevoked(home: string, keys: Keys, gone: readonly AllowedKey[]): Promise<void> {
  const revoked = new Date().toISOString();
  const all = [...keys.revoked, ...gone.map((key) => ({ ...key, revoked }))];
  await writeJson(revokedPath(home), { comment: COMMENTS.revoked, keys: all });
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
}

async function change<T>(home: string, make: (keys: Keys) => Promise<T>): Promise<T> {
  await ensureHome(home);
  const lockFile = join(keysFolder(home), "keys.lock");
  const taken = await waitForFileLock(lockFile, { name: "chem-bus keys" }, { deadlineMs: LOCK_DEADLINE_MS });
  if (taken.kind === "busy") throw new FileLockTimeoutError(lockFile, LOCK_DEADLINE_MS);
  try {
    return await make(readKeys(home));
  } finally {
    taken.lock.release();
  }
}
