/** `summary.json`: how a cycle ended. Written last; a cycle without it has not ended. */
import {
  type Check,
  isCount,
  isFinite,
  isName,
  isText,
  listOf,
  nullable,
  oneOf,
  optional,
  parseAs,
  shape,
} from "../json-shape.ts";
import { isParams } from "../search-space/params-shape.ts";
import type { Params } from "../search-space/search-space.ts";

export interface CycleSummary {
  readonly schema: "kloros.summary/1";
  readonly cycle_id: string;
  readonly experiment: string;
  readonly topic: string | null;
  readonly status: "complete" | "failed";
  /** Why it failed; absent when it is complete. */
  readonly error?: { readonly type: string; readonly message: string };
  readonly started_at: string;
  readonly finished_at: string;
  readonly duration_seconds: number;
  /** Generations that were evaluated. */
  readonly generations: number;
  /** Candidates that were evaluated. */
  readonly candidates: number;
  /** Those of them that failed. */
  readonly failed: number;
  /** The best of the search, whether it held in the final comparison or not; null when all failed. */
  readonly best: { readonly candidate_id: string; readonly fitness: number; readonly params: Params } | null;
  /** What it was compared with; null: nothing ran. */
  readonly incumbent: {
    /** null: the experiment's baseline. */
    readonly version_id: string | null;
    readonly fitness: number | null;
    readonly params: Params;
  } | null;
  /** By the final comparison, in units of fitness, above 0 when better; null when there was none. */
  readonly improvement: number | null;
  /** Chance that the improvement is luck; null when there was no comparison. */
  readonly p_value: number | null;
  /** The candidate that won; null: none did. */
  readonly winner_id: string | null;
  readonly generations_table: readonly GenerationRow[];
  /** File names of the promotions that are done with. */
  readonly promotions_acknowledged: readonly string[];
}

/** One generation; figures are null when all of its candidates failed (`best_so_far`: all until then). */
export interface GenerationRow {
  readonly generation: number;
  readonly best: number | null;
  readonly median: number | null;
  readonly worst: number | null;
  readonly failed: number;
  readonly best_so_far: number | null;
}

/** The text of `summary.json`. */
export function encodeSummary(summary: CycleSummary): string {
  return `${JSON.stringify(summary, null, 2)}\n`;
}

/** null when the text is no such record. */
export function parseSummary(text: string): CycleSummary | null {
  return parseAs(text, isCycleSummary);
}

/** Whether a value that came as JSON (of a file, or an answer) is a summary. */
export const isCycleSummary: Check<CycleSummary> = shape<CycleSummary>({
  schema: oneOf("kloros.summary/1"),
  cycle_id: isName,
  experiment: isName,
  topic: nullable(isText),
  status: oneOf("complete", "failed"),
  error: optional(shape<NonNullable<CycleSummary["error"]>>({ type: isText, message: isText })),
  started_at: isName,
  finished_at: isName,
  duration_seconds: isFinite,
  generations: isCount,
  candidates: isCount,
  failed: isCount,
  best: nullable(
    shape<NonNullable<CycleSummary["best"]>>({ candidate_id: isName, fitness: isFinite, params: isParams }),
  ),
  incumbent: nullable(
    shape<NonNullable<CycleSummary["incumbent"]>>({
      version_id: nullable(isName),
      fitness: nullable(isFinite),
      params: isParams,
    }),
  ),
  improvement: nullable(isFinite),
  p_value: nullable(isFinite),
  winner_id: nullable(isName),
  generations_table: listOf(
    shape<GenerationRow>({
      generation: isCount,
      best: nullable(isFinite),
      median: nullable(isFinite),
      worst: nullable(isFinite),
      failed: isCount,
      best_so_far: nullable(isFinite),
    }),
  ),
  promotions_acknowledged: listOf(isText),
});
