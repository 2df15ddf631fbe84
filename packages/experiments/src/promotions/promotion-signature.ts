/**
 * Signatures of promotions of the `experiment` shape. With a key: `signature` is the HMAC-SHA256, in hex, of the canonical
 * text; unsigned and wrongly signed ones are refused. Without a key only `sha256:<hex>`, the plain digest of the same
 * text, can be checked: it shows damage, not who wrote the file.
 *
 * Canonical text: the document without `signature`, members sorted by key, no spaces, numbers as they stand in the file.
 * That is `json.dumps(body, sort_keys=True, separators=(",", ":"))` of Python, and a sorting `JSON.stringify`; the two
 * differ in how they write what is not ASCII, and either is taken.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { canonicalJson } from "@kloros/bus";
import { refused, type Refused } from "./promotion.ts";

const STRING_OR_NUMBER = /"(?:[^"\\]+|\\.)*"|-?\d[\d.eE+-]*/gs;
const HEX_DIGEST = /^[0-9a-f]{64}$/;

/** The text that is signed, for programs that write promotions. `text` must be a JSON object. */
export function signedText(text: string): string {
  // Strings and numbers are told apart by a letter in front, so that numbers keep their digits and nothing is confused.
  const marked = text.replace(STRING_OR_NUMBER, (token) =>
    token.startsWith('"') ? `"s${token.slice(1)}` : `"n${token}"`,
  );
  const { ssignature: _, ...body } = JSON.parse(marked) as Record<string, unknown>;
  return canonicalJson(body).replace(/"(?:[^"\\]+|\\.)*"/gs, (token) =>
    token.charAt(1) === "n" ? token.slice(2, -1) : `"${token.slice(2)}`,
  );
}

/** Null: nothing is wrong with the signature as far as can be told. */
export function signatureProblem(text: string, signature: unknown, key: Uint8Array | null): Refused | null {
  if (signature !== undefined && signature !== null && typeof signature !== "string")
    return refused("BadField", "signature must be text");
  const given = signature ?? "";
  if (given === "")
    return key === null
      ? null
      : refused("BadSignature", "is not signed, but keys/promotions.key asks for it");
  if (key === null && !given.startsWith("sha256:")) return null;
  const digest = given.replace(key === null ? /^sha256:/ : /^hmac-sha256:/, "").toLowerCase();
  const canonical = signedText(text);
  const matches =
    HEX_DIGEST.test(digest) &&
    [canonical, asciiOnly(canonical)].some((form) => {
      const hash = key === null ? createHash("sha256") : createHmac("sha256", key);
      return timingSafeEqual(hash.update(form).digest(), Buffer.from(digest, "hex"));
    });
  if (matches) return null;
  return refused(
    "BadSignature",
    key === null
      ? "signature is not the sha256 of the content: the file was changed after it was signed"
      : "signature is not the HMAC-SHA256 of the content under keys/promotions.key",
  );
}

function asciiOnly(text: string): string {
  return text.replace(/[^\0-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
