/** A promotion: a file in `dream_lab/promotions/` by which something says "this did well; look whether it can do better". */
import type { Params } from "../search-space/search-space.ts";

/** What the four shapes of the field have in common. */
export interface Promotion {
  /** Experiment or domain that it names, 1 to 256 characters; null when it names none. */
  readonly topic: string | null;
  /** Members that can be parameters; null when it has none. Whether an experiment knows them is another question. */
  readonly params: Params | null;
  /** Finite, from 0 up. */
  readonly fitness: number;
  /** Milliseconds since 1970; null when the file does not say. May lie in the future: clocks differ. */
  readonly promoted_ms: number | null;
  /** Milliseconds since 1970; null: never. */
  readonly expires_ms: number | null;
  readonly promotion_id: string | null;
}

/** Why a file is no promotion. `NotJson` may be a file that is still being written; the others stay what they are. */
export type PromotionRefusal =
  | "NotJson"
  | "TooLarge"
  | "TooDeep"
  | "UnknownShape"
  | "BadField"
  | "BadFitness"
  | "BadSignature"
  | "Expired";

export type PromotionReading =
  | { readonly kind: "ok"; readonly promotion: Promotion }
  | {
      readonly kind: "refused";
      readonly code: PromotionRefusal;
      /** What is wrong and what to do, without the file's name. */
      readonly reason: string;
    };

export type Refused = Extract<PromotionReading, { kind: "refused" }>;

export function refused(code: PromotionRefusal, reason: string): Refused {
  return { kind: "refused", code, reason };
}
