/** Keys as people and files write them: Z85 (ZeroMQ RFC 32), 32 bytes in 40 printable characters. */
import { createHash } from "node:crypto";

const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
const DIGITS = new Map(Array.from(ALPHABET, (letter, digit) => [letter, digit]));
const KEY_LETTERS = 40;
const KEY_BYTES = 32;
const GROUP_LETTERS = 5;
const GROUP_BYTES = 4;
const BASE = 85;
const MAX_GROUP = 0xffff_ffff;

/** The 32 bytes of a key, or null when the text is none. */
export function decodeKey(text: string): Buffer | null {
  if (text.length !== KEY_LETTERS) return null;
  const bytes = Buffer.alloc(KEY_BYTES);
  for (let group = 0; group < KEY_LETTERS / GROUP_LETTERS; group++) {
    let value = 0;
    for (const letter of text.slice(group * GROUP_LETTERS, (group + 1) * GROUP_LETTERS)) {
      const digit = DIGITS.get(letter);
      if (digit === undefined) return null;
      value = value * BASE + digit;
    }
    if (value > MAX_GROUP) return null;
    bytes.writeUInt32BE(value, group * GROUP_BYTES);
  }
  return bytes;
}

/** The text of a key of 32 bytes. */
export function encodeKey(bytes: Uint8Array): string {
  const view = Buffer.from(bytes);
  let text = "";
  for (let at = 0; at < view.length; at += GROUP_BYTES) {
    let value = view.readUInt32BE(at);
    let group = "";
    for (let n = 0; n < GROUP_LETTERS; n++) {
      group = ALPHABET.charAt(value % BASE) + group;
      value = Math.floor(value / BASE);
    }
    text += group;
  }
  return text;
}

/** What people compare and logs show instead of a public key: 64 bits of its SHA-256, such as `3f2a-91cc-04de-77b1`. */
export function fingerprintOf(publicKey: string): string {
  const hash = createHash("sha256")
    .update(decodeKey(publicKey) ?? publicKey)
    .digest("hex");
  return (hash.slice(0, 16).match(/.{4}/g) ?? []).join("-");
}
