/** Where a cursor stands. */
import type { Position, Reading } from "./reading.ts";

export interface Place {
  readonly reading: Reading;
  readonly path: string;
  /** Where an empty value is reported. */
  readonly position: Position;
  /** Stand-ins report nothing: what they stand for has been reported. */
  readonly muted: boolean;
}
