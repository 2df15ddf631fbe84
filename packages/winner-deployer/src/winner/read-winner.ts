/**
 * The winner's record and its artifact, checked before anything is done with them: another daemon writes them, and they
 * may have been edited. Nothing outside `dream_lab/winners` is read, whatever the signal or the record says.
 */
import { lstat, readFile, realpath } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isInside } from "@kloros/bus";
import type { WinnerRecord } from "@kloros/experiments";
import { failed, type FailedStep } from "../decide.ts";
import { isPlainName } from "./names.ts";
import { readWinnerRecord } from "./winner-record.ts";

/** A record holds parameters and metrics; more is not ours. */
const MAX_RECORD_BYTES = 4 * 1024 * 1024;

export interface Winner {
  readonly kind: "winner";
  readonly record: WinnerRecord;
  /** Absolute path, inside `dream_lab/winners`. */
  readonly artifact: string;
}

export interface WinnerPlace {
  readonly home: string;
  readonly maxArtifactBytes: number;
}

/** Reads the record at `winnerPath` (relative to the home) and finds its artifact; the copy that is made of it is hashed. */
export async function readWinner(
  place: WinnerPlace,
  cycleId: string,
  winnerPath: string,
): Promise<Winner | FailedStep> {
  const found = await readRecord(place, cycleId, winnerPath);
  if (found.kind === "failed") return found;
  const { record, folder } = found;
  const artifact = await confined(
    folder,
    join(folder, cycleId, record.artifact.file),
    "the artifact",
    place.maxArtifactBytes,
  );
  if (typeof artifact !== "string") return artifact;
  return { kind: "winner", record, artifact };
}

async function readRecord(
  { home }: WinnerPlace,
  cycleId: string,
  winnerPath: string,
): Promise<{ kind: "record"; record: WinnerRecord; folder: string } | FailedStep> {
  const winners = join(home, "dream_lab", "winners");
  const folder = await realpath(winners).catch(() => winners);
  const path = await confined(folder, resolve(home, winnerPath), "the winner's record", MAX_RECORD_BYTES);
  if (typeof path !== "string") return path;
  const read = readWinnerRecord(await readFile(path, "utf8"));
  if (read.kind === "invalid") return failed("WinnerUnreadable", `${path}: ${read.problem}`);
  const { record } = read;
  if (record.cycle_id !== cycleId)
    return failed("WinnerMismatch", `${path} is the winner of ${record.cycle_id}, not of ${cycleId}`);
  if (!isPlainName(record.experiment))
    return failed("WinnerUnreadable", `${path}: experiment "${record.experiment}" cannot be a folder's name`);
  return { kind: "record", record, folder };
}

/** The real path of a regular file inside `folder`. */
async function confined(
  folder: string,
  path: string,
  what: string,
  maxBytes: number,
): Promise<string | FailedStep> {
  const real = await realpath(path).catch((cause: unknown) => cause);
  if (typeof real !== "string")
    return failed(
      "WinnerUnreadable",
      `${what} ${path} cannot be read: ${real instanceof Error ? real.message : String(real)}`,
    );
  if (!isInside(folder, real))
    return failed(
      "WinnerUnreadable",
      `${what} ${path} lies outside ${folder}; winners are taken from there only`,
    );
  const found = await lstat(real);
  if (!found.isFile()) return failed("WinnerUnreadable", `${what} ${path} is no regular file`);
  if (found.size > maxBytes)
    return failed(
      "WinnerUnreadable",
      `${what} ${path} is larger than ${String(maxBytes)} bytes (${String(found.size)}); see max_artifact_bytes`,
    );
  return real;
}
