/** The promotions that feed a cycle, read once, at its start. What they were then is what the cycle acknowledges at its end. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type CyclePromotion, isPromotionName, parsePromotion } from "@kloros/experiments";
import { promotionContent } from "./promotion-content.ts";

/** Promotions of one cycle; as many as a trigger can name. */
const MAX_PROMOTIONS = 1_000;

export interface PromotionPlace {
  readonly home: string;
  readonly log: { warn(data: object, message: string): void };
}

/**
 * `names`: file names in `dream_lab/promotions/`; null: all that lie there and whose topic passes `belongs`.
 * What is missing, refused or no plain name is left out, with a line in the log, and is never acknowledged.
 */
export async function readPromotions(
  { home, log }: PromotionPlace,
  names: readonly string[] | null,
  belongs: (topic: string | null) => boolean,
): Promise<CyclePromotion[]> {
  const folder = join(home, "dream_lab", "promotions");
  const wanted = names ?? (await readdir(folder)).filter(isPromotionName).sort();
  const signingKey = await readSigningKey(home);
  const promotions: CyclePromotion[] = [];
  for (const file of new Set(wanted.slice(0, MAX_PROMOTIONS))) {
    const content = isPlainName(file) ? await promotionContent(join(folder, file)) : null;
    if (content === null) {
      log.warn({ file }, "Promotion is not there, or is no file, left out");
      continue;
    }
    const reading = parsePromotion(content.text, { signingKey });
    if (reading.kind === "refused") {
      log.warn({ file, reason: reading.reason }, "Promotion refused, left out");
      continue;
    }
    const { topic, params } = reading.promotion;
    if (names === null && !belongs(topic)) continue;
    promotions.push({ file, key: content.key, params });
  }
  return promotions;
}

/** A name that leads nowhere but into the folder itself. */
function isPlainName(name: string): boolean {
  return isPromotionName(name) && !name.includes("/") && !name.includes("\0");
}

/** Without the line break that an editor puts at its end. */
async function readSigningKey(home: string): Promise<Buffer | null> {
  const content = await readFile(join(home, "keys", "promotions.key")).catch(nullIfMissing);
  return content && Buffer.from(content.toString("latin1").replace(/\r?\n$/, ""), "latin1");
}

function nullIfMissing(cause: unknown): null {
  if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
  throw cause;
}
