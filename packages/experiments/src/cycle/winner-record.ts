/** `dream_lab/winners/<cycle_id>.json`: what the deployer is handed. */
import type { Params } from "../search-space/search-space.ts";

export interface WinnerRecord {
  readonly schema: "kloros.winner/1";
  readonly cycle_id: string;
  readonly experiment: string;
  readonly winner_id: string;
  readonly params: Params;
  /** Median fitness in the final comparison. */
  readonly fitness: number;
  /** The same of what was deployed then; null: nothing was. */
  readonly incumbent: {
    readonly version_id: string | null;
    readonly params: Params;
    readonly fitness: number | null;
  } | null;
  readonly improvement: number;
  /** Chance that the improvement is luck; null where nothing was deployed. */
  readonly p_value: number | null;
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly artifact: { readonly file: string; readonly sha256: string };
  readonly promotions: readonly string[];
  readonly created_at: string;
}
