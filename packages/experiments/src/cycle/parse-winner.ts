/** Writing and reading of `dream_lab/winners/<cycle_id>.json`. */
import { isFinite, isName, isObject, listOf, nullable, oneOf, parseAs, shape } from "../json-shape.ts";
import { isParams } from "../search-space/params-shape.ts";
import type { WinnerRecord } from "./winner-record.ts";

/** The text of the file. */
export function encodeWinner(winner: WinnerRecord): string {
  return `${JSON.stringify(winner, null, 2)}\n`;
}

/** null when the text is no such record. */
export function parseWinner(text: string): WinnerRecord | null {
  return parseAs(text, isWinner);
}

const isWinner = shape<WinnerRecord>({
  schema: oneOf("kloros.winner/1"),
  cycle_id: isName,
  experiment: isName,
  winner_id: isName,
  params: isParams,
  fitness: isFinite,
  incumbent: nullable(
    shape<NonNullable<WinnerRecord["incumbent"]>>({
      version_id: nullable(isName),
      params: isParams,
      fitness: nullable(isFinite),
    }),
  ),
  improvement: isFinite,
  p_value: nullable(isFinite),
  metrics: isObject,
  artifact: shape<WinnerRecord["artifact"]>({ file: isName, sha256: isName }),
  promotions: listOf(isName),
  created_at: isName,
});
