/** Is the home whole, private, on a disk that holds it, and free of what should not be there? Reads only. */
import { existsSync } from "node:fs";
import { lstat, readdir, stat, statfs } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { lockHolder, readDeadLetters } from "@kloros/bus";
import { formatDuration } from "../program/moments.ts";
import { fail, type Finding, ok, warn } from "./finding.ts";

const OTHERS = 0o077;
const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
/** Below it emits are refused (`limits.disk_reserve_bytes`). */
const RESERVE_BYTES = 32 * MIB;
const COMFORT_BYTES = GIB;
/** Longer than that, somebody may have forgotten it, in milliseconds. */
const LONG_MAINTENANCE_MS = 86_400_000;
/** Secrets are read by their owner alone; public keys may be read by all. */
const SECRET = /secret/u;

/** By the magic number that statfs tells (linux/magic.h). */
const DISKS: Readonly<
  Record<number, { readonly name: string; readonly kind: "remote" | "volatile" | "unclear" }>
> = {
  0x6969: { name: "NFS", kind: "remote" },
  0x517b: { name: "SMB", kind: "remote" },
  0xff534d42: { name: "CIFS", kind: "remote" },
  0xfe534d42: { name: "SMB2", kind: "remote" },
  0x01021997: { name: "9p", kind: "remote" },
  0x00c36400: { name: "CephFS", kind: "remote" },
  0x65735546: { name: "FUSE", kind: "unclear" },
  0x01021994: { name: "tmpfs", kind: "volatile" },
  0x858458f6: { name: "ramfs", kind: "volatile" },
};

export async function homeExists(home: string): Promise<Finding> {
  const found = await stat(home).catch(() => null);
  if (found === null) return fail("home", `${home} is not there`, `kloros init --home ${home}, or kloros up`);
  if (!found.isDirectory()) return fail("home", `${home} is no folder`, "move it away, or name another home");
  return ok("home", home);
}

export async function privacy(home: string): Promise<Finding[]> {
  const me = process.geteuid?.() ?? 0;
  const findings: Finding[] = [];
  for (const path of [home, ...["journal", "run", "keys"].map((folder) => join(home, folder))]) {
    const found = await stat(path).catch(() => null);
    if (found === null) continue;
    if (found.uid !== me && me !== 0)
      findings.push(
        fail("privacy", `${path} belongs to user ${found.uid}`, "run the mesh as its owner, or chown -R it"),
      );
    if ((found.mode & OTHERS) !== 0)
      findings.push(fail("privacy", `${path} is open to other users`, `chmod 700 ${path}`));
  }
  findings.push(...(await foreignFiles(home)));
  for (const name of await readdir(join(home, "keys")).catch(() => [])) {
    const path = join(home, "keys", name);
    const { mode } = await lstat(path);
    if (SECRET.test(name) && (mode & OTHERS) !== 0)
      findings.push(
        fail("privacy", `${path} can be read by others`, `chmod 600 ${path}; chem-bus keys for new ones`),
      );
  }
  return findings.length > 0
    ? findings
    : [ok("privacy", "home, sockets, journals and keys are their owner's alone")];
}

/** What a command run as root left behind: the daemons, which run as the home's owner, cannot open it. */
async function foreignFiles(home: string): Promise<Finding[]> {
  const { uid } = await stat(home);
  const foreign: string[] = [];
  for (const folder of ["", "journal", "keys", "dream_lab"])
    for (const name of await readdir(join(home, folder)).catch(() => [])) {
      const path = join(home, folder, name);
      const inside = folder === "journal" ? await readdir(path).catch(() => []) : [];
      for (const one of [path, ...inside.map((file) => join(path, file))]) {
        const found = await lstat(one).catch(() => null);
        if (found !== null && found.uid !== uid) foreign.push(one);
      }
    }
  const [first] = foreign;
  if (first === undefined) return [];
  const more = foreign.length === 1 ? "" : `, and ${foreign.length - 1} more`;
  const detail = `${first} does not belong to the owner of the home${more}`;
  return [fail("privacy", detail, `chown -R --reference=${home} ${home}`)];
}

export async function disk(home: string): Promise<Finding[]> {
  const { type, bavail, bsize, blocks, files, ffree } = await statfs(home);
  return [diskKind(type), diskSpace(bavail * bsize, blocks * bsize), ...inodes(files, ffree)];
}

/** `type`: the file system's magic number. */
export function diskKind(type: number): Finding {
  const known = DISKS[type >>> 0];
  if (known === undefined) return ok("disk", "local");
  const { name, kind } = known;
  const remedy = "move the home to a local disk (ext4, xfs, btrfs)";
  if (kind === "remote") return fail("disk", `${name}: journals and locks need a local disk`, remedy);
  if (kind === "volatile")
    return warn("disk", `${name}: everything is gone after a restart of the machine`, remedy);
  return warn("disk", `${name}: nobody can tell whether what is synced is on disk`, remedy);
}

export function diskSpace(freeBytes: number, sizeBytes: number): Finding {
  const shown = `${(freeBytes / GIB).toFixed(1)} GiB of ${(sizeBytes / GIB).toFixed(1)} GiB free`;
  const remedy = "free space on it; nothing that was acknowledged is lost meanwhile";
  if (freeBytes < RESERVE_BYTES) return fail("space", `${shown}: emits are refused`, remedy);
  return freeBytes < COMFORT_BYTES ? warn("space", shown, remedy) : ok("space", shown);
}

function inodes(files: number, free: number): Finding[] {
  if (files === 0) return []; // No limit.
  const used = Math.round((1 - free / files) * 100);
  return used < 95 ? [] : [warn("inodes", `${used} % are in use`, "remove small files from this disk")];
}

export async function maintenance(home: string, nowMs: number): Promise<Finding> {
  const found = await stat(join(home, "maintenance_mode")).catch(() => null);
  if (found === null) return ok("maintenance", "off");
  const age = nowMs - found.mtimeMs;
  const remedy = `rm ${join(home, "maintenance_mode")} when it is over`;
  const forgotten = age > LONG_MAINTENANCE_MS ? ", perhaps forgotten" : "";
  return warn("maintenance", `on for ${formatDuration(age)}${forgotten}: nothing new is begun`, remedy);
}

export async function deadLetters(home: string): Promise<Finding> {
  const { letters, unreadable } = await readDeadLetters(home);
  if (letters.length === 0 && unreadable === 0) return ok("dead letters", "none");
  const torn = unreadable === 0 ? "" : `, ${unreadable} lines that are none`;
  return warn("dead letters", `${letters.length} unresolved${torn}`, "chem-bus dead list --group");
}

/** Sockets at which nobody listens, and journals of daemons that are not installed. */
export async function leftovers(home: string, daemons: readonly string[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  const files = await readdir(join(home, "run")).catch(() => []);
  for (const name of files.filter((file) => file.endsWith(".sock"))) {
    const path = join(home, "run", name);
    const lock = path.replace(/\.sock$/u, ".lock");
    const held = existsSync(lock) && lockHolder(lock) !== null;
    if (!held && (await nobodyListens(path)))
      findings.push(
        warn("leftovers", `${path} is of a killed process`, "nothing: its next start replaces it"),
      );
  }
  for (const name of await readdir(join(home, "journal")).catch(() => [])) {
    if (!daemons.includes(name))
      findings.push(
        warn(
          "leftovers",
          `journal/${name} is of a daemon that is not installed here`,
          "install it again (kloros daemons add), or move its journal away when nobody waits for its signals",
        ),
      );
  }
  return findings.length > 0 ? findings : [ok("leftovers", "none")];
}

async function nobodyListens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(false);
    });
    probe.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNREFUSED"));
  });
}
