/** One LMDB environment and the databases in it that make a journal. */
import { open } from "lmdb";

/** Named databases in the environment, with room for later ones. */
const MAX_DATABASES = 16;
/** LMDB grows the map as needed; this is only the first reservation of address space, in bytes. */
const INITIAL_MAP_BYTES = 64 * 1024 * 1024;

/** Creates what is missing, unless `readOnly`. */
export function openEnvironment(path: string, readOnly: boolean) {
  const env = open<Buffer, string>({
    path,
    encoding: "binary",
    maxDbs: MAX_DATABASES,
    mapSize: INITIAL_MAP_BYTES,
    readOnly,
    // Every write here is an explicit batch. lmdb's own batch per event turn would add a promise that nobody can
    // reach, and its rejection on a full disk would end the process.
    eventTurnBatching: false,
  });
  const text = (name: string) => env.openDB<string, string>({ name, encoding: "string" });
  return {
    env,
    blocks: env.openDB<Buffer, number>({ name: "blocks", encoding: "binary" }),
    meta: text("meta"),
    ids: text("ids"),
    generated: text("generated"),
    state: text("state"),
    progress: text("progress"),
    consumers: text("consumers"),
    outbox: text("outbox"),
  };
}
