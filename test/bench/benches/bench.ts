/** What every bench is. */
import type { Scratch } from "../processes/scratch.ts";
import type { Row } from "../report/row.ts";

export interface Run {
  readonly scratch: Scratch;
  /** Fewer rounds and signals. */
  readonly quick: boolean;
  /** Tells whoever waits. */
  progress(text: string): void;
}

/** Measures, and resolves with rows whose names lack the bench's own. */
export type Bench = (run: Run) => Promise<Row[]>;
