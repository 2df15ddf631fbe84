/** The bytes of a promotion, read as the mesh reads files of others: no links, no surprises, bounded. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { MAX_PROMOTION_BYTES, promotionKey } from "@kloros/experiments";

export interface PromotionContent {
  readonly text: string;
  readonly key: string;
}

/** null: nothing is there, or nothing that can be a promotion (a folder, a link, a socket, too large). */
export async function promotionContent(path: string): Promise<PromotionContent | null> {
  // Not blocking: a named pipe must not keep a thread waiting for its writer.
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    nullIfNone,
  );
  if (handle === null) return null;
  try {
    const found = await handle.stat();
    if (!found.isFile() || found.size > MAX_PROMOTION_BYTES) return null;
    const bytes = await handle.readFile();
    return { text: bytes.toString("utf8"), key: promotionKey(bytes) };
  } finally {
    await handle.close();
  }
}

function nullIfNone(cause: unknown): null {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (["ENOENT", "ENOTDIR", "ELOOP", "ENXIO", "EISDIR", "ENAMETOOLONG"].includes(String(code))) return null;
  throw cause;
}
