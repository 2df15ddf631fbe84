/** `client.state(namespace)`: values that a daemon keeps for programs beside it, durable in its journal. */
import { isRecord, memberOf } from "../answers/results.ts";
import type { Client } from "../client.ts";
import type { RequestOptions } from "../request-options.ts";

export interface SetOptions extends RequestOptions {
  /** Forgotten after so long, in seconds; default: never. */
  readonly ttlSeconds?: number;
}

export interface State {
  /** The value, or undefined when there is none. */
  get(key: string, options?: RequestOptions): Promise<unknown>;
  /** Durable when it resolves. Setting the same again does no harm, so it is repeated after a lost connection. */
  set(key: string, value: unknown, options?: SetOptions): Promise<void>;
  /** False when there was none. */
  delete(key: string, options?: RequestOptions): Promise<boolean>;
  /** The keys that match, in order; `*` stands for any characters. */
  list(pattern?: string, options?: RequestOptions): Promise<readonly string[]>;
}

export function openState(client: Client, namespace: string | undefined): State {
  const within = namespace === undefined ? {} : { namespace };
  return {
    get: async (key, options) => client.getValue("state:get", { ...within, key }, options),
    async set(key, value, { ttlSeconds, ...options } = {}) {
      const ttl = ttlSeconds === undefined ? {} : { ttl_s: ttlSeconds };
      await client.send("state:set", { ...within, key, value, ...ttl }, { repeatable: true, ...options });
    },
    async delete(key, options) {
      const answer = await client.sendFirst("state:delete", { ...within, key }, options);
      return memberOf(answer, "deleted") === true;
    },
    async list(pattern, options) {
      const asked = pattern === undefined ? within : { ...within, pattern };
      const listed = await client.sendAndMerge("state:list", asked, { mergeKey: "keys", ...options });
      return (Array.isArray(listed) ? listed : []).map((entry: unknown) =>
        isRecord(entry) ? String(entry["key"]) : String(entry),
      );
    },
  };
}
