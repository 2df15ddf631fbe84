/** A home with two deployed versions of an experiment, as the deployer leaves them behind. */
import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface DeployedVersion {
  readonly id: string;
  readonly fitness: number;
  readonly params: Readonly<Record<string, number | string | boolean>>;
  readonly files: Readonly<Record<string, string | Buffer>>;
}

export const OLD: DeployedVersion = {
  id: "dream_20251114_080000_1b2c3d4e",
  fitness: 3.5,
  params: { level: 6, window: "small", dictionary: true },
  files: { "params.json": '{"level": 6}\n', "tool.conf": "# settings\nlevel = 6\nmode = fast\n" },
};
export const NEW: DeployedVersion = {
  id: "dream_20251115_103000_0a1b2c3d",
  fitness: 4.25,
  params: { level: 9, window: "small", strategy: "\u001b[31mgreedy" },
  files: {
    "params.json": '{"level": 9}\n',
    "tool.conf": "# settings\nlevel = 9\nmode = fast\n",
    "table.bin": Buffer.from([0, 1, 2]),
  },
};

/** Writes both versions; the newer one is in place. */
export function writeDeployed(
  home: string,
  experiment: string,
  versions: readonly DeployedVersion[] = [OLD, NEW],
): void {
  const folder = join(home, "deployed", experiment);
  let previous: string | null = null;
  for (const version of versions) {
    const place = join(folder, "versions", version.id);
    const files: Record<string, string> = {};
    for (const [name, content] of Object.entries(version.files)) {
      mkdirSync(dirname(join(place, name)), { recursive: true });
      writeFileSync(join(place, name), content);
      files[name] = createHash("sha256").update(content).digest("hex");
    }
    const record = {
      schema: "kloros.version/1",
      version_id: version.id,
      experiment,
      cycle_id: version.id,
      winner_id: "c00042",
      params: version.params,
      fitness: version.fitness,
      previous_version_id: previous,
      files,
      created_at: "2025-11-15T10:31:00.000Z",
    };
    writeFileSync(join(place, "version.json"), JSON.stringify(record));
    const line = {
      id: `${version.id}.1.deployed`,
      at: "2025-11-15T10:32:00.000Z",
      event: "deployed",
      version_id: version.id,
      previous_version_id: previous,
      cycle_id: version.id,
      winner_id: "c00042",
      fitness: version.fitness,
      previous_fitness: null,
      error_type: null,
      rollback_completed: null,
      reason: "validated, measured better than what ran, and has passed its probation",
    };
    appendFileSync(join(folder, "history.jsonl"), `${JSON.stringify(line)}\n`);
    previous = version.id;
  }
  rmSync(join(folder, "current"), { force: true });
  symlinkSync(join("versions", String(previous)), join(folder, "current"));
}
