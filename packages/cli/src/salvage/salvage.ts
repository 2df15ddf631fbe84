/**
 * Takes a journal's signals out of a file that may be damaged, and counts them. The journal is read, never opened: a
 * mapped file that is damaged could end the process.
 */
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Envelope, readJsonLines, salvageJournal } from "@kloros/bus";
import { answerNo } from "../program/errors.ts";
import { SalvageCount, type SalvageSummary } from "./summary.ts";

export interface SalvageSource {
  readonly daemon: string;
  /** Folder of the journal. */
  readonly journal: string;
}

/** Into `file`, which appears when it is whole; with nothing found it does not. @throws {CommandError} 1 */
export async function salvageToFile(source: SalvageSource, file: string): Promise<SalvageSummary> {
  const { signals } = await salvaging(source, file);
  if (signals > 0) return count(source, file, file);
  await rm(file, { force: true });
  return new SalvageCount().summary({ ...source, file: null });
}

/** To standard output, by way of a temporary file: the order is known at the end only. @throws {CommandError} 1 */
export async function salvageToStdout(source: SalvageSource): Promise<SalvageSummary> {
  const folder = await mkdtemp(join(tmpdir(), "chem-bus-salvage-"));
  try {
    const file = join(folder, "signals.ndjson");
    await salvaging(source, file);
    const summary = await count(source, file, null);
    const handle = await open(file);
    // Before the first line is out: a reader that has had enough (`| head`) ends this process on the spot.
    await rm(folder, { recursive: true });
    await pipeline(handle.createReadStream(), process.stdout, { end: false });
    return summary;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function count(
  { daemon, journal }: SalvageSource,
  salvaged: string,
  file: string | null,
): Promise<SalvageSummary> {
  const counted = new SalvageCount();
  for await (const { value } of readJsonLines<Envelope>(salvaged)) counted.add(value);
  return counted.summary({ daemon, journal, file });
}

async function salvaging({ journal }: SalvageSource, target: string): Promise<{ readonly signals: number }> {
  try {
    return await salvageJournal(journal, target);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    throw answerNo(`nothing was salvaged from ${journal}: ${message}; ${remedyFor(code, target)}`, { cause });
  }
}

function remedyFor(code: string, target: string): string {
  if (code === "EIO")
    return "the disk cannot read it: copy data.mdb with ddrescue to another disk, put the copy in its place, try again";
  if (code === "ENOSPC" || code === "EDQUOT")
    return `there is no room for ${target}: use --out with a file on a larger disk`;
  return `check that its data.mdb can be read and ${target} can be written`;
}
