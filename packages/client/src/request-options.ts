/** What can be said of one request, beside its event and data. */

export interface RequestOptions {
  /** Time for all of it, connecting included, in milliseconds; default: the client's. */
  readonly timeoutMs?: number;
  /** Rejects with the signal's reason; what was sent may be carried out all the same. */
  readonly signal?: AbortSignal;
  /** Carrying it out twice does no harm, so it may be sent again after a lost connection; known for reads. */
  readonly repeatable?: boolean;
}

/** How failures of single daemons or results are taken: all told at the end, told as warnings, or the first one thrown at once. */
export type ErrorMode = "collect" | "warn" | "fail_fast";

export interface ValueOptions<Key extends string, Default> extends RequestOptions {
  /** Member of the result; default `value`. */
  readonly key?: Key;
  /** Taken when there is no result, or nothing in that member. */
  readonly default?: Default;
}

export interface MergeOptions extends RequestOptions {
  /** Member of each result that is merged; left out: the results themselves. */
  readonly mergeKey?: string;
}

export interface ErrorModeOptions extends RequestOptions {
  /** Default `collect`. */
  readonly errorMode?: ErrorMode;
}
