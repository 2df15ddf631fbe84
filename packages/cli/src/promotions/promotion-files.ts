/** The promotions of a home, as their files tell; nothing is changed, and no daemon is needed. */
import { open, readdir, readFile } from "node:fs/promises";
import { constants } from "node:fs";
import { join } from "node:path";
import {
  isAcknowledged,
  isPromotionName,
  MAX_PROMOTION_BYTES,
  parsePromotion,
  type PromotionReading,
} from "@kloros/experiments";

export interface PromotionFile {
  readonly name: string;
  readonly reading: PromotionReading;
  /** By a file beside it; what was moved to `acknowledged/` is not in the folder any more. */
  readonly isAcknowledged: boolean;
}

/** Those named, or all in `dream_lab/promotions/`; names of which there is no plain file are left out. Sorted by name. */
export async function readPromotionFiles(home: string, name?: string): Promise<PromotionFile[]> {
  const folder = join(home, "dream_lab", "promotions");
  const inFolder = new Set(await namesIn(folder));
  const inAckFolder = new Set(await namesIn(join(home, "dream_lab", "promotions_ack")));
  const acks = {
    inFolder: (one: string) => inFolder.has(one),
    inAckFolder: (one: string) => inAckFolder.has(one),
  };
  const signingKey = await readSigningKey(home);
  const wanted = [...inFolder].filter((one) => isPromotionName(one) && (name ?? one) === one).sort();
  const files: PromotionFile[] = [];
  for (const one of wanted) {
    const text = await textOf(join(folder, one));
    if (text === null) continue;
    const reading = parsePromotion(text, { signingKey, nowMs: Date.now() });
    const promotion_id = reading.kind === "ok" ? reading.promotion.promotion_id : null;
    files.push({ name: one, reading, isAcknowledged: isAcknowledged(one, { promotion_id }, acks) });
  }
  return files;
}

/** Whether a promotion of this name has been moved there. */
export async function liesInAcknowledged(home: string, name: string): Promise<boolean> {
  return (await namesIn(join(home, "dream_lab", "promotions", "acknowledged"))).includes(name);
}

/** null: no plain file, or too large for a promotion. */
async function textOf(path: string): Promise<string | null> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => null,
  );
  if (handle === null) return null;
  try {
    const found = await handle.stat();
    return found.isFile() && found.size <= MAX_PROMOTION_BYTES ? await handle.readFile("utf8") : null;
  } finally {
    await handle.close();
  }
}

/** Without the line break that an editor puts at its end. */
async function readSigningKey(home: string): Promise<Buffer | null> {
  const content = await readFile(join(home, "keys", "promotions.key")).catch(ifMissing(null));
  return content && Buffer.from(content.toString("latin1").replace(/\r?\n$/u, ""), "latin1");
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(ifMissing([]));
}

function ifMissing<T>(otherwise: T): (cause: unknown) => T {
  return (cause) => {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return otherwise;
    throw cause;
  };
}
