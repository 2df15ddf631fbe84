/**
 * A home for one measurement. Its files lie in the working folder, which the mesh clears; only the name by which the sockets
 * are reached is elsewhere, since a socket's path may have 107 bytes. What a killed measurement left of that is swept here.
 */
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureHome } from "@kloros/bus";

const PREFIX = "kloros-tune-";

/** Runs `use` with the path of a new, empty home. */
export async function withTemporaryHome<T>(use: (home: string) => Promise<T>): Promise<T> {
  sweep();
  const files = mkdtempSync(join(process.cwd(), "home-"));
  const names = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  try {
    const home = join(names, "h");
    symlinkSync(files, home);
    await ensureHome(home);
    return await use(home);
  } finally {
    rmSync(names, { recursive: true, force: true });
    rmSync(files, { recursive: true, force: true });
  }
}

function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1] ?? NaN);
    if (Number.isInteger(pid) && !isAlive(pid))
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM"; // Somebody else's: leave it.
  }
}
