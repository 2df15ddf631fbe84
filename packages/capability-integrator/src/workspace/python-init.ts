/**
 * Makes a folder of Python files a package: creates its `__init__.py`, never touches an existing one.
 *
 * P3 The file names the investigation it was made for. So a repetition after a crash knows its own work, and a
 * refusal takes back only what this investigation has made. It appears whole: linked from a temporary file.
 */
import { link, lstat, open, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { syncDirectory } from "@kloros/bus";

const INIT = "__init__.py";
/** A generated file is one line; a longer one is somebody's code. */
const MAX_OWN_BYTES = 1024;

export type InitResult =
  | { readonly kind: "created" }
  /** Made by this investigation before it was interrupted. */
  | { readonly kind: "own" }
  /** Somebody else's. */
  | { readonly kind: "exists" }
  | { readonly kind: "failed"; readonly reason: string };

/** `directory` must be a real path that was found to lie in the workspace. */
export async function createInit(
  directory: string,
  module: string,
  investigationId: string,
): Promise<InitResult> {
  const path = join(directory, INIT);
  const temp = join(directory, `.${INIT}.kloros-tmp`);
  try {
    const existing = await ownerOf(path, investigationId);
    if (existing) return { kind: existing };
    await rm(temp, { force: true });
    await writeSynced(temp, initText(module, investigationId));
    const placed = await place(temp, path);
    await rm(temp, { force: true });
    await syncDirectory(directory);
    return placed ? { kind: "created" } : { kind: "exists" };
  } catch (cause) {
    await rm(temp, { force: true }).catch(() => undefined);
    return { kind: "failed", reason: cause instanceof Error ? cause.message : String(cause) };
  }
}

/** Whether the package's `__init__.py` was made by this investigation. */
export async function isOwnInit(directory: string, investigationId: string): Promise<boolean> {
  return (await ownerOf(join(directory, INIT), investigationId).catch(() => null)) === "own";
}

/** Takes back what `createInit` made for this investigation, unless somebody has written to it since. */
export async function removeOwnInit(
  directory: string,
  module: string,
  investigationId: string,
): Promise<void> {
  const path = join(directory, INIT);
  const text = await readFile(path, "utf8").catch(() => "");
  if (text !== initText(module, investigationId)) return;
  await rm(path, { force: true });
  await syncDirectory(directory);
}

function initText(module: string, investigationId: string): string {
  return `# Makes ${module} importable; created by capability_integrator for ${investigationId}.\n`;
}

async function ownerOf(path: string, investigationId: string): Promise<"own" | "exists" | null> {
  const found = await lstat(path).catch((cause: unknown) => {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    throw cause;
  });
  if (!found) return null;
  if (!found.isFile() || found.size > MAX_OWN_BYTES) return "exists";
  const text = await readFile(path, "utf8");
  return text.startsWith("# Makes ") && text.includes(`for ${investigationId}.\n`) ? "own" : "exists";
}

/** False when somebody made the file meanwhile. */
async function place(temp: string, path: string): Promise<boolean> {
  try {
    await link(temp, path);
    return true;
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "EEXIST") return false;
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "EOPNOTSUPP") throw cause;
    // A file system without hard links: exclusive, though not in one step.
    await writeFile(path, await readFile(temp), { flag: "wx", flush: true });
    return true;
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const handle = await open(path, "wx", 0o644); // Sources are meant to be shared; the umask has the last word.
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
