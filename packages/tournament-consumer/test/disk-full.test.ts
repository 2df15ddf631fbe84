/** A full disk is waited for: no result is lost, doubled, or made of it. On a small tmpfs, which only root can mount. */
import { spawnSync } from "node:child_process";
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import {
  candidates,
  experimentWith,
  homeWith,
  openAsker,
  requestFor,
  resultsIn,
  startConsumer,
  startsIn,
  until,
} from "./lab.ts";

const CAN = process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "true"]).status === 0;
if (!CAN) console.warn("SKIPPED: a full disk can only be had by root (mount)");
const MEGABYTES = 64;

function smallDisk(): { path: string; fill(): void; free(): void } {
  const folder = mkdtempSync(join(tmpdir(), "kloros-disk-"));
  const path = join(folder, "disk");
  mkdirSync(path);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${MEGABYTES}m`, "tmpfs", path]);
  if (mounted.status !== 0) throw new Error(`mount: ${mounted.stderr.toString()}`);
  const ballast = openSync(join(path, "ballast"), "w");
  onTestFinished(() => {
    closeSync(ballast);
    spawnSync("umount", ["--lazy", path]);
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    path,
    fill: () => {
      const page = Buffer.alloc(4_096);
      try {
        for (;;) writeSync(ballast, page);
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== "ENOSPC") throw cause;
      }
    },
    free: () => ftruncateSync(ballast, 0),
  };
}

async function tournamentOnSmallDisk(modes: readonly string[]) {
  const disk = smallDisk();
  const home = join(disk.path, "home");
  mkdirSync(home, { mode: 0o700 });
  await homeWith(experimentWith(), candidates(modes.map((mode) => ({ mode }))), "g000", home);
  // The word to go on comes from another disk.
  const go = join(disk.path, "..", "go");
  symlinkSync(go, join(home, "go"));
  const asker = await openAsker(home);
  const { parts } = await startConsumer(home, { min_free: 1024 * 1024 });
  await asker.ask(requestFor(modes.length, { max_concurrency: 1 }));
  const waits = () => (parts.health?.() as { waits_for_space: boolean }).waits_for_space;
  return { disk, home, asker, waits, goOn: () => writeFileSync(go, "") };
}

it.runIf(CAN)(
  "a failure that is seen while there is no space is not believed: the candidate is measured again",
  async () => {
    const { disk, home, asker, waits, goOn } = await tournamentOnSmallDisk(["ok", "write", "ok"]);
    await until("the second start", async () => (await startsIn(home)).length === 2);
    disk.fill();
    goOn();
    await until("it waits", waits);
    expect(asker.told).toEqual([]);
    disk.free();
    expect((await asker.outcome()).facts).toMatchObject({ candidates_evaluated: 3, candidates_failed: 0 });
    expect((await resultsIn(home)).map(({ candidate_id }) => candidate_id)).toEqual([
      "c00001",
      "c00002",
      "c00003",
    ]);
  },
);

it.runIf(CAN)(
  "a success is kept until it can be written, and nothing new starts before there is space",
  async () => {
    const { disk, home, asker, waits, goOn } = await tournamentOnSmallDisk(["ok", "held", "ok"]);
    await until("the second start", async () => (await startsIn(home)).length === 2);
    disk.fill();
    goOn();
    await until("it waits", waits);
    disk.free();
    expect((await asker.outcome()).facts).toMatchObject({ candidates_evaluated: 3, winner_id: "c00003" });
    expect((await startsIn(home)).map((line) => line.split(" ")[0])).toEqual(["c00001", "c00002", "c00003"]);
    expect(await resultsIn(home)).toHaveLength(3);
  },
);
