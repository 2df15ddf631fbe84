/**
 * When a promotion is acknowledged: it was moved to `promotions/acknowledged/` (then it is simply not in the folder), or
 * `dream_lab/promotions_ack/<stem>_ack.json` exists, or `<promotion_id>.ack.json` exists there or beside it.
 * Pure: from names to answers.
 */
import type { Promotion } from "./promotion.ts";

const ACK_SUFFIX = ".ack.json";

/** Whether a name in `dream_lab/promotions/` can be a promotion's: `*.json`, not hidden, not an acknowledgement. */
export function isPromotionName(name: string): boolean {
  return name.endsWith(".json") && !name.startsWith(".") && !isAcknowledgementName(name);
}

/** Whether a name says that it acknowledges a `promotion_id`. */
export function isAcknowledgementName(name: string): boolean {
  return name.endsWith(ACK_SUFFIX);
}

export interface AcknowledgementNames {
  /** Whether `promotions/<name>` exists. */
  readonly inFolder: (name: string) => boolean;
  /** Whether `promotions_ack/<name>` exists. */
  readonly inAckFolder: (name: string) => boolean;
}

/** Whether a promotion that lies in the folder under `name` has been acknowledged. */
export function isAcknowledged(
  name: string,
  { promotion_id }: Pick<Promotion, "promotion_id">,
  acks: AcknowledgementNames,
): boolean {
  if (acks.inAckFolder(`${name.slice(0, -".json".length)}_ack.json`)) return true;
  if (promotion_id === null) return false;
  const byId = `${promotion_id}${ACK_SUFFIX}`; // Only ever compared with names, so an id with slashes matches none.
  return acks.inFolder(byId) || acks.inAckFolder(byId);
}
