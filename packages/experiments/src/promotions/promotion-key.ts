import { hash } from "node:crypto";

/** The id of a promotion's content: `sha256:<hex>` of its bytes. A rewritten file has another, a renamed one the same. */
export function promotionKey(content: string | Uint8Array): string {
  return `sha256:${hash("sha256", content)}`;
}
