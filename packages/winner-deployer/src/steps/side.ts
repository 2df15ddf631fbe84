/** One of the two that are measured: the winner, or what runs. */
import type { Params } from "@kloros/experiments";

export interface Side {
  readonly params: Params;
  /** Absolute path of a copy. */
  readonly artifact: string;
}
