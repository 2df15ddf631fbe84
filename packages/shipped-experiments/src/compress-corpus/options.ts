/** The command line of the three programs: `--corpus <folder> --seconds-per-mb <number>`, and the artifact. */
import { parseArgs } from "node:util";
import { ComplaintError } from "../run-experiment.ts";

export interface Options {
  readonly corpus: string;
  /** CPU time that compressing a megabyte (10⁶ bytes) may take. */
  readonly secondsPerMb: number;
  /** Path of `params.json`; `""` where none was given. */
  readonly artifact: string;
}

/** Ten times what zlib's defaults take on a machine of 2024, and half of what Brotli's best settings take. */
const DEFAULT_SECONDS_PER_MB = 0.25;

/** @throws {ComplaintError} */
export function optionsOf(argv: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { corpus: { type: "string" }, "seconds-per-mb": { type: "string" } },
    allowPositionals: true,
  });
  const secondsPerMb = Number(values["seconds-per-mb"] ?? DEFAULT_SECONDS_PER_MB);
  if (!(secondsPerMb > 0)) throw new ComplaintError("--seconds-per-mb must be a number above 0");
  return { corpus: values.corpus ?? process.cwd(), secondsPerMb, artifact: positionals[0] ?? "" };
}
