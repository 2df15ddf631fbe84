/** A home and a workspace on disk, gone after the test. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { integrate, type Workplace } from "../src/integrate.ts";
import { InvestigationLog } from "../src/records/investigation-log.ts";
import { RegistryFile, type RegistryOptions } from "../src/registry/registry-file.ts";
import { completionOf, recordOf } from "./entries.ts";

export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kloros-integrator-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export function registryIn(home: string, changes: Partial<RegistryOptions> = {}): RegistryFile {
  return new RegistryFile({
    path: join(home, "capabilities.yaml"),
    lockPath: join(home, "run", "capabilities.lock"),
    holder: "test",
    lockDeadlineMs: 10_000,
    timings: { settleMs: 20, settleLimitMs: 400 },
    ...changes,
  });
}

/** Home and workspace side by side in a folder. */
export function workplaceIn(folder: string, changes: Partial<Workplace> = {}): Workplace {
  return {
    workspace: join(folder, "workspace"),
    log: new InvestigationLog(join(folder, "home", "curiosity_investigations.jsonl")),
    registry: registryIn(join(folder, "home")),
    createsInit: true,
    now: () => new Date("2025-11-15T10:30:00.000Z"),
    ...changes,
  };
}

export async function files(folder: string, contents: Record<string, string>): Promise<void> {
  for (const [name, content] of Object.entries(contents)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}

/** A workspace with the Python folder `src/<name>`, and the record of its investigation. */
export async function investigated(
  folder: string,
  name: string,
  changes: Record<string, unknown> = {},
): Promise<void> {
  const path = join(folder, "workspace", "src", name);
  await files(path, { "core.py": "def run(): ...\n" });
  await files(join(folder, "home"), {
    "curiosity_investigations.jsonl": `${JSON.stringify(recordOf(name, path, changes))}\n`,
  });
}

export async function integrateIn(folder: string, name: string, changes: Partial<Workplace> = {}) {
  return integrate(completionOf(name), workplaceIn(folder, changes));
}
