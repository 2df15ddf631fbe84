/** A home with the files that people edit. Existing files are never touched. */
import { link, lstat, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ensureHome, FileError, writeFileAtomic } from "@kloros/bus";
import { DREAM_YAML } from "./default-dream-file.ts";
import { defaultPolicies } from "./default-policies.ts";

const MESH_YAML = `# Configuration of this mesh. Everything is optional; what is commented out shows the default.
# Environment variables (KLOROS_…) stand above this file, command line flags above both.

# Source tree that investigations look at and integrations write to.
# workspace: /path/to/your/source

# trace, debug, info, warn, error, fatal or silent
# log_level: info

# ipc (sockets in this home) or tcp (ports, with keys: chem-bus keys init)
# transport: ipc

# Longest wait for running handlers after a stop.
# drain_deadline: 10s

# Settings of one daemon; the README of each daemon has the table.
# daemons:
#   intent_router:
#     log_level: debug

# Settings of \`kloros up\`, which runs the daemons.
# supervisor:
#   heartbeat: 10s      # a daemon that proves no progress for so long is restarted
#   start_limit: 5      # so many quick starts within start_window, then it has failed
#   start_window: 60s
`;

const CAPABILITIES_YAML = `# The registry of capabilities. The capability integrator adds an entry for each module that was discovered;
# your own entries, comments and their order are kept.
`;

export interface NewHome {
  /** Files that were created now; empty when the home was complete. */
  readonly created: readonly string[];
  /** No daemon has ever run here. */
  readonly isNew: boolean;
  /** A sentence for each folder that was open to other users and is closed now. */
  readonly closed: readonly string[];
}

/** Creates what is missing of the home. Safe to repeat, and beside running daemons. @throws {FileError} */
export async function prepareHome(home: string): Promise<NewHome> {
  const closed = await ensureHome(home);
  const created: string[] = [];
  if (await createOnce(join(home, "mesh.yaml"), MESH_YAML)) created.push("mesh.yaml");
  if (await createOnce(join(home, "capabilities.yaml"), CAPABILITIES_YAML)) created.push("capabilities.yaml");
  if (await createOnce(join(home, "dream_lab", "dream.yaml"), DREAM_YAML))
    created.push("dream_lab/dream.yaml");
  if (await createOnce(join(home, "policies.yaml"), await defaultPolicies())) created.push("policies.yaml");
  const journals = await readdir(join(home, "journal"));
  return { created, isNew: journals.length === 0, closed };
}

/** Whole or not at all: half a file would be kept for ever, since what exists is never touched. */
async function createOnce(path: string, text: string): Promise<boolean> {
  if (await exists(path)) return false;
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}.kloros-tmp`);
  await writeFileAtomic(draft, text, { mode: 0o600 });
  try {
    await link(draft, path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw new FileError("create", path, cause);
  } finally {
    await rm(draft, { force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw new FileError("create", path, cause);
  }
}
