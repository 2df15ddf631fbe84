/** Reads `dream_lab/winners/<cycle_id>.json`, naming the first field that is missing or of the wrong kind. Pure. */
import { fileNameProblem, parseWinner, type WinnerRecord } from "@kloros/experiments";

export type ReadWinnerRecord =
  | { readonly kind: "record"; readonly record: WinnerRecord }
  | { readonly kind: "invalid"; readonly problem: string };

const SHA256 = /^[0-9a-f]{64}$/u;

export function readWinnerRecord(text: string): ReadWinnerRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return invalid(`is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  if (!isObject(value)) return invalid("is no object");
  if (value["schema"] !== "kloros.winner/1")
    return invalid(`schema must be kloros.winner/1 (got ${JSON.stringify(value["schema"])})`);
  for (const field of ["cycle_id", "experiment", "winner_id"])
    if (typeof value[field] !== "string" || value[field] === "") return invalid(`${field} must be a text`);
  const problem = artifactProblem(value["artifact"]);
  if (problem !== null) return invalid(problem);
  const record = parseWinner(text);
  return record === null
    ? invalid("params, fitness, incumbent or another field is missing or of the wrong kind")
    : { kind: "record", record };
}

function artifactProblem(artifact: unknown): string | null {
  if (!isObject(artifact)) return "artifact must be an object with file and sha256";
  const { file, sha256 } = artifact;
  if (typeof file !== "string") return "artifact.file must be a text";
  const problem = fileNameProblem(file);
  if (problem !== undefined) return `artifact.file ${JSON.stringify(file)} ${problem}`;
  if (typeof sha256 !== "string" || !SHA256.test(sha256))
    return "artifact.sha256 must be 64 hexadecimal digits";
  return null;
}

function invalid(problem: string): ReadWinnerRecord {
  return { kind: "invalid", problem };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
