/** What is known of one file of the promotions folder, and what all of them add up to. */
import type { RefusalCode } from "./read-promotion-file.ts";

export interface PromotionEntry {
  readonly name: string;
  /** Of the file as it was read; null: read it again at the next scan. */
  readonly identity: string | null;
  /** What counts; null while the file has only been seen half-written. */
  readonly known: KnownPromotion | KnownRefusal | null;
  /** Content that may still be growing, since when it has looked like this (`performance.now()`). What was known before counts meanwhile. */
  readonly unfinished: { readonly key: string; readonly sinceMs: number } | null;
}

export interface KnownPromotion {
  readonly kind: "promotion";
  /** `sha256:…` of the content. */
  readonly key: string;
  /** Hash of name and content. */
  readonly mark: bigint;
  readonly topic: string | null;
  /** Milliseconds since 1970. */
  readonly promotedMs: number;
  readonly expiresMs: number | null;
  readonly promotion_id: string | null;
}

export interface KnownRefusal {
  readonly kind: "refused";
  /** Of the content, where there is any. */
  readonly key: string | null;
  readonly code: RefusalCode;
  readonly reason: string;
}

/** A promotion that nobody has acknowledged. */
export interface Unacknowledged {
  readonly name: string;
  readonly key: string;
  readonly topic: string | null;
  readonly promotedMs: number;
}

export interface RefusedFile {
  readonly name: string;
  readonly key: string | null;
  readonly code: RefusalCode;
  readonly reason: string;
}

/** The folder at one moment. */
export interface Survey {
  /** Promotion files in the folder, whatever they are worth. */
  readonly files: number;
  /** Oldest first. */
  readonly unacknowledged: readonly Unacknowledged[];
  readonly refused: readonly RefusedFile[];
  /** Files that may still be growing. */
  readonly unfinished: number;
  /** Files beyond `max_promotions`, which nobody has looked into. */
  readonly unexamined: number;
  /** Acknowledgements beyond the limit: what they acknowledge may be reported all the same. */
  readonly forgottenAcknowledgements: number;
  /** Equal for equal sets of unacknowledged promotions with equal contents; `0` for none. */
  readonly digest: string;
}
