/** Ends the process that runs a daemon by force. The last means, for one that does not answer. */
import { readdir, readlink, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { Process } from "./next-step.ts";

export type Ended = { readonly kind: "killed" } | { readonly kind: "spared"; readonly why: string };

/**
 * SIGKILL, if it is certain enough that `pid` is the process that holds the lock: it wrote so itself, the lock is held, and where
 * its open files can be seen (in another sandbox they cannot) the lock is among them.
 */
export async function endProcess(lockPath: string, { pid }: Process): Promise<Ended> {
  if (!Number.isSafeInteger(pid) || pid <= 1)
    return { kind: "spared", why: `${pid} is no process of a daemon` };
  if ((await hasOpen(pid, lockPath)) === false)
    return { kind: "spared", why: `process ${pid} is another one: it does not hold the lock` };
  try {
    process.kill(pid, "SIGKILL");
    return { kind: "killed" };
  } catch (cause) {
    return { kind: "spared", why: `process ${pid} cannot be ended: ${String(cause)}` };
  }
}

/** null: that cannot be seen. */
async function hasOpen(pid: number, path: string): Promise<boolean | null> {
  try {
    const folder = `/proc/${pid}/fd`;
    const wanted = await realpath(path);
    for (const fd of await readdir(folder)) {
      const target = await readlink(join(folder, fd)).catch(() => "");
      if (target === wanted) return true;
    }
    return false;
  } catch {
    return null;
  }
}
