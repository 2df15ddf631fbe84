/** What lies in the home, for scrapes: figures that are there although no daemon runs. */
import { existsSync } from "node:fs";
import { stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Sample } from "@kloros/daemon";
import type { DeadLetterCount } from "./dead-letter-count.ts";
import type { MESH_METRICS } from "./mesh-families.ts";

/** The label of what belongs to no installed daemon: their names come from a file, and must not make series without end. */
const OTHER = "other";

export type MeshSamples = Partial<Record<keyof typeof MESH_METRICS, readonly Sample[]>>;

/** A figure that cannot be had is left out. */
export async function homeSamples(
  home: string,
  daemons: readonly string[],
  deadLetters: DeadLetterCount,
): Promise<MeshSamples> {
  const [letters, journals, disk] = await Promise.all([
    deadLetters.read().catch(() => null),
    Promise.all(daemons.map((daemon) => journalSample(home, daemon))),
    statfs(home).catch(() => null),
  ]);
  return {
    deadLetters: letters === null ? [] : letterSamples(letters, daemons),
    journalFile: journals.flat(),
    ...(disk === null
      ? {}
      : {
          diskFree: [{ labels: {}, value: disk.bavail * disk.bsize }],
          diskSize: [{ labels: {}, value: disk.blocks * disk.bsize }],
        }),
    maintenance: [{ labels: {}, value: existsSync(join(home, "maintenance_mode")) ? 1 : 0 }],
  };
}

function letterSamples(letters: ReadonlyMap<string, number>, daemons: readonly string[]): Sample[] {
  const counts = new Map([...daemons, OTHER].map((daemon) => [daemon, 0]));
  for (const [daemon, count] of letters) {
    const label = daemons.includes(daemon) ? daemon : OTHER;
    counts.set(label, (counts.get(label) ?? 0) + count);
  }
  return [...counts].map(([daemon, value]) => ({ labels: { daemon }, value }));
}

async function journalSample(home: string, daemon: string): Promise<Sample[]> {
  const file = await stat(join(home, "journal", daemon, "data.mdb")).catch(() => null);
  return file === null ? [] : [{ labels: { daemon }, value: file.size }];
}
