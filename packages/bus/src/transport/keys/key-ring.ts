/**
 * The keys as a running process knows them: its own, those of the emitters, those that may come in. Re-read as soon as a
 * file in `keys/` changes. What cannot be read keeps what was known, loudly: a typing error must not open or close the mesh.
 */
import { type FSWatcher, statSync, watch } from "node:fs";
import { KeysMissingError } from "../errors.ts";
import {
  allowedPath,
  keysFolder,
  readKeys,
  readSecret,
  revokedPath,
  secretPath,
  type AllowedKey,
  type Keys,
  type SecretKey,
} from "./key-files.ts";
import { encodeKey } from "./z85.ts";

export type Judgement =
  | { readonly kind: "allowed"; readonly name: string }
  | { readonly kind: "revoked"; readonly name: string }
  | { readonly kind: "unknown" };

export interface KeyChange {
  /** A key that was let in is not any more, or this identity has another one: connections made with it have to end. */
  readonly outdated: boolean;
}

export interface KeyRingOptions {
  readonly home: string;
  /** Whose keys these are. */
  readonly identity: string;
  /** The files were changed and cannot be read. */
  readonly onTrouble: (error: Error) => void;
}

/** Changes of several files within this time are one change, in milliseconds. */
const SETTLE_MS = 30;
/** A change that the kernel did not tell of is seen after this time, in milliseconds. */
const POLL_MS = 5_000;

export class KeyRing {
  readonly #options: KeyRingOptions;
  readonly #listeners = new Set<(change: KeyChange) => void>();
  #own: SecretKey;
  #judgements: ReadonlyMap<string, Judgement>;
  #allowed: ReadonlyMap<string, string>;
  #seen: string;
  #watcher: FSWatcher | null = null;
  #poll: NodeJS.Timeout | undefined;
  #settling: NodeJS.Timeout | undefined;

  /** @throws {KeysMissingError} this identity has no key, or it was revoked; {KeyFileError} */
  constructor(options: KeyRingOptions) {
    this.#options = options;
    this.#seen = this.#stamp();
    const keys = readKeys(options.home);
    this.#own = ownKey(options, keys);
    this.#allowed = allowedIn(keys);
    this.#judgements = judgementsOf(keys);
  }

  get own(): SecretKey {
    return this.#own;
  }

  /** Z85; null while nobody of this name is let in. */
  publicKeyOf(name: string): string | null {
    return this.#allowed.get(name) ?? null;
  }

  judge(publicKey: Uint8Array): Judgement {
    return this.#judgements.get(encodeKey(publicKey)) ?? { kind: "unknown" };
  }

  /** Tells of every change of the files until the returned function is called. */
  watch(listener: (change: KeyChange) => void): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#startWatching();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stopWatching();
    };
  }

  #startWatching(): void {
    this.#poll = setInterval(() => {
      this.#reload();
    }, POLL_MS).unref();
    try {
      this.#watcher = watch(keysFolder(this.#options.home), { persistent: false }, () => {
        this.#settling ??= setTimeout(() => {
          this.#reload();
        }, SETTLE_MS).unref();
      });
      this.#watcher.on("error", (error) => {
        this.#options.onTrouble(error);
      });
    } catch (error) {
      this.#options.onTrouble(error as Error); // The poll sees changes, too.
    }
    this.#reload();
  }

  #stopWatching(): void {
    this.#watcher?.close();
    this.#watcher = null;
    clearInterval(this.#poll);
    clearTimeout(this.#settling);
    this.#settling = undefined;
  }

  #reload(): void {
    this.#settling = undefined;
    const seen = this.#stamp();
    if (seen === this.#seen) return;
    this.#seen = seen;
    try {
      this.#take(readKeys(this.#options.home));
    } catch (error) {
      this.#options.onTrouble(error as Error);
    }
  }

  #take(keys: Keys): void {
    const before = this.#allowed;
    const secretBefore = this.#own.secret_key;
    this.#allowed = allowedIn(keys);
    this.#judgements = judgementsOf(keys);
    try {
      this.#own = ownKey(this.#options, keys);
    } catch (error) {
      this.#options.onTrouble(error as Error); // Revoked while it runs: the others do not listen any more.
    }
    const removed = [...before].some(([name, key]) => this.#allowed.get(name) !== key);
    const outdated = removed || this.#own.secret_key !== secretBefore;
    for (const listener of [...this.#listeners]) listener({ outdated });
  }

  /** Which versions of the files were read. */
  #stamp(): string {
    const { home, identity } = this.#options;
    const paths = [allowedPath(home), revokedPath(home), secretPath(home, identity)];
    return paths
      .map((path) => {
        const found = statSync(path, { throwIfNoEntry: false, bigint: true });
        return found === undefined ? "" : `${found.ino}/${found.mtimeNs}/${found.size}/${found.mode}`;
      })
      .join(" ");
  }
}

function judgementsOf({ allowed, revoked }: Keys): ReadonlyMap<string, Judgement> {
  const judged = (keys: readonly AllowedKey[], kind: "allowed" | "revoked") =>
    keys.map(({ name, public_key }): [string, Judgement] => [public_key, { kind, name }]);
  return new Map([...judged(allowed, "allowed"), ...judged(revoked, "revoked")]);
}

/** By name; what is revoked does not count, whatever the other list says. */
function allowedIn({ allowed, revoked }: Keys): ReadonlyMap<string, string> {
  const gone = new Set(revoked.map(({ public_key }) => public_key));
  const valid = allowed.filter(({ public_key }) => !gone.has(public_key));
  return new Map(valid.map(({ name, public_key }) => [name, public_key]));
}

function ownKey({ home, identity }: KeyRingOptions, keys: Keys): SecretKey {
  const secret = readSecret(home, identity);
  const publicKey = allowedIn(keys).get(identity);
  if (secret !== null && secret.public_key === publicKey) return secret;
  if (keys.allowed.length === 0 && keys.revoked.length === 0)
    throw new KeysMissingError(
      `transport: tcp needs keys, and ${keysFolder(home)} has none; make them with: chem-bus keys init --home ${home}`,
    );
  const revoked = keys.revoked.findLast(({ name }) => name === identity);
  if (publicKey === undefined && revoked !== undefined)
    throw new KeysMissingError(
      `the key of ${identity} was revoked on ${revoked.revoked}; give it a new one with: chem-bus keys add ${identity} --home ${home}`,
    );
  if (publicKey === undefined)
    throw new KeysMissingError(
      `${identity} has no key in ${keysFolder(home)}, which transport: tcp needs; make it with: chem-bus keys add ${identity} --home ${home}`,
    );
  throw new KeysMissingError(
    `the secret of ${identity} in ${keysFolder(home)} is missing or is not the one that the others expect; make a new pair with: chem-bus keys revoke ${identity} --home ${home} && chem-bus keys add ${identity} --home ${home}`,
  );
}
