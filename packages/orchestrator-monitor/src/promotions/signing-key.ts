import { readFileSync } from "node:fs";

/** Longest key, in bytes: 4,096 bits, eight times what HMAC-SHA256 can use. */
const MAX_KEY_BYTES = 512;

/**
 * The key that promotions are signed with, without the line break at its end; null: there is none.
 * @throws when there is one that cannot be used: promotions must not be taken unchecked because of that
 */
export function readSigningKey(path: string): Buffer | null {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  const key = Buffer.from(content.toString("latin1").replace(/\r?\n$/, ""), "latin1");
  if (key.length === 0 || key.length > MAX_KEY_BYTES)
    throw new RangeError(`${path} must hold a key of 1 to ${MAX_KEY_BYTES} bytes, and holds ${key.length}`);
  return key;
}
