/** `client.state(namespace)`: values that a daemon keeps for programs beside it, durable in its journal. */
import type { AskSingle } from "./ask-single.ts";
import type { RequestOptions } from "../request-options.ts";

/** A value, and which one of the key's it is. */
export interface StateEntry {
  readonly value: unknown;
  /** Never given twice; for `ifVersion`. */
  readonly version: number;
}

export interface SetOptions extends RequestOptions {
  /** Forgotten after so long, in seconds; default: never. */
  readonly ttlSeconds?: number;
  /** The value must be of this JSON type, and later ones too. */
  readonly type?: string;
  /** Only if the key has this version now; else an `EventError` with the daemon's code `E_STATE_VERSION`. */
  readonly ifVersion?: number;
  /** Only if there is no such key. */
  readonly ifAbsent?: boolean;
}

export interface State {
  /** The value, or undefined when there is none. */
  get(key: string, options?: RequestOptions): Promise<unknown>;
  /** The value and its version, or undefined when there is none. */
  entry(key: string, options?: RequestOptions): Promise<StateEntry | undefined>;
  /** Durable when it resolves, with the new version. Repeated after a lost connection, unless it depends on what is there. */
  set(key: string, value: unknown, options?: SetOptions): Promise<number>;
  /** False when there was none. */
  delete(key: string, options?: RequestOptions): Promise<boolean>;
  /** The keys that match, in order; `*` is any text, `?` one character. */
  list(pattern?: string, options?: RequestOptions): Promise<readonly string[]>;
}

interface Page {
  readonly keys: readonly string[];
  readonly more?: boolean;
}

export function openState(ask: AskSingle, namespace: string | undefined): State {
  const within = namespace === undefined ? {} : { namespace };
  const entry = async (key: string, options?: RequestOptions): Promise<StateEntry | undefined> => {
    const answer = await ask("state:get", { ...within, key }, options);
    const { found, value, version } = answer as StateEntry & { readonly found: boolean };
    return found ? { value, version } : undefined;
  };
  return {
    entry,
    get: async (key, options) => (await entry(key, options))?.value,
    async set(key, value, { ttlSeconds, type, ifVersion, ifAbsent, ...options } = {}) {
      const request = {
        ...within,
        key,
        value,
        ...(ttlSeconds === undefined ? {} : { ttl_s: ttlSeconds }),
        ...(type === undefined ? {} : { type }),
        ...(ifVersion === undefined ? {} : { if_version: ifVersion }),
        ...(ifAbsent === undefined ? {} : { if_absent: ifAbsent }),
      };
      const repeatable = ifVersion === undefined && ifAbsent !== true;
      const answer = await ask("state:set", request, { repeatable, ...options });
      return (answer as StateEntry).version;
    },
    async delete(key, options) {
      const answer = await ask("state:delete", { ...within, key }, options);
      return (answer as { readonly deleted: boolean }).deleted;
    },
    async list(pattern = "*", options) {
      const keys: string[] = [];
      for (let more = true; more;) {
        const last = keys.at(-1);
        const asked = { ...within, pattern, ...(last === undefined ? {} : { after: last }) };
        const page = (await ask("state:list", asked, options)) as Page;
        keys.push(...page.keys);
        more = page.more === true && page.keys.length > 0;
      }
      return keys;
    },
  };
}
