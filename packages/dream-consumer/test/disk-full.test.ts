/** P5: a disk that fills up in the middle of a cycle is waited for; nothing is lost, and nothing becomes a wrong result. */
import { spawnSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdirSync, openSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { eventually } from "./eventually.ts";
import { BASELINE, dreamYaml, homeWith, tempFolder } from "./home.ts";
import { policyIn, tournamentIn } from "./others.ts";
import { startProcess } from "./process.ts";

const CAN = process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "true"]).status === 0;
/** Long enough for several tries of everything that tries again, in milliseconds. */
const FULL_MS = 3_000;
const CHUNK_BYTES = 64 * 1024;

if (!CAN) console.warn("SKIPPED: a full disk can only be had by root (mount)");

/** Mounted only where the dream lab's cycles are: the journals of the others live elsewhere. */
function smallDisk(path: string, megabytes: number): { fill: () => void; free: () => void } {
  mkdirSync(path, { recursive: true });
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path]);
  if (mounted.status !== 0) throw new Error(`mount: ${mounted.stderr.toString()}`);
  const ballast = openSync(join(path, ".ballast"), "w");
  let bytes = 0;
  onTestFinished(() => {
    closeSync(ballast);
    spawnSync("umount", ["--lazy", path]);
  });
  return {
    fill: () => {
      for (let { bavail, bsize } = statfsSync(path); bavail > 0; { bavail, bsize } = statfsSync(path)) {
        try {
          const piece = Math.min(CHUNK_BYTES, bavail * bsize);
          bytes += writeSync(ballast, Buffer.alloc(piece), 0, piece, bytes);
        } catch (cause) {
          if ((cause as NodeJS.ErrnoException).code === "ENOSPC") return;
          throw cause;
        }
      }
    },
    free: () => {
      ftruncateSync(ballast, 0);
      bytes = 0;
    },
  };
}

describe.skipIf(!CAN)("a cycle whose disk is full", () => {
  it("waits until there is space, and then comes to the same end", async () => {
    const home = await homeWith(dreamYaml([{ baseline: BASELINE }]), join(await tempFolder(), "home"));
    const disk = smallDisk(join(home, "dream_lab", "cycles"), 8);
    const policy = await policyIn(home);
    let isOpen = false;
    const tournament = await tournamentIn(home, { answers: () => isOpen });
    const daemon = startProcess(home);
    await policy.trigger();
    await eventually("a tournament", () => tournament.asked.length === 1);
    const { writeResults, completionOf } = await import("./others.ts");
    const [first] = tournament.asked;
    const results = await writeResults(home, first!);
    disk.fill();
    isOpen = true;
    await tournament.node.emit("Q_TOURNAMENT_COMPLETE", completionOf(first!, results));
    await sleep(FULL_MS); // What must not happen has no moment to wait for.
    expect(policy.told).toEqual([]);
    expect(tournament.asked).toHaveLength(1);
    expect(daemon.child.exitCode).toBeNull();
    disk.free();
    await eventually("an end", () => policy.told.length === 1);
    expect(policy.complete()).toHaveLength(1);
    expect(tournament.asked).toHaveLength(4);
  });
});
