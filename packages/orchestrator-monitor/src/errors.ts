/** Failures that only this daemon has. */
import { KlorosError } from "@kloros/bus";

/** A file in `dream_lab/promotions/` that is no usable promotion. It stays where it is and counts in `refused_count`; correct it, or remove it. */
export class PromotionRefusedError extends KlorosError {
  /** The file's name is quoted, so that letters of one cause group together. */
  constructor(file: string, reason: string) {
    super("E_PROMOTION_REFUSED", `dream_lab/promotions: ${JSON.stringify(file)} ${reason}`);
  }
}
