/** The disk is full, or may not be written: refused in words, nothing corrupted, and on with it once there is space (P5). */
import { mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ensureHome } from "../../src/files/ensure-home.ts";
import type { Node } from "../../src/node/api.ts";
import { auditHome } from "../../src/node/audit-home.ts";
import { openNode } from "../../src/node/open-node.ts";
import type { BusLimits } from "../../src/protocol/limits.ts";
import { memoryTransport } from "../../src/testing/index.ts";
import { IS_ROOT, smallDisk, tempFolder } from "../files/processes.ts";
import { meshContracts } from "../mesh/contracts.ts";
import { countEffect } from "../mesh/count-effect.ts";
import { eventually } from "../mesh/eventually.ts";
import { expectEffectsOnce } from "../mesh/test-mesh.ts";

const MIB = 1024 * 1024;
const DISK_BYTES = 12 * MIB;
const BALLAST_BYTES = 6 * MIB;
const LIMITS: Partial<BusLimits> = { heartbeatBusyMs: 50, ledgerDeadlineMs: 100, diskReserveBytes: 0 };

if (!IS_ROOT) console.warn("SKIPPED: tests of a full disk mount a small tmpfs, which only root may");

describe.skipIf(!IS_ROOT)("a full disk", () => {
  it("refuses emits with a clear error, keeps what was promised, and takes emits again when there is space", async () => {
    const { home, freeSpace } = await homeOnSmallDisk();
    const open = nodesIn(home);
    const left = await open("left", {});
    const refused = await fillUp(left);
    expect(refused).toMatchObject({ code: "E_DISK_FULL" });
    expect(String(refused)).toContain(join("journal", "left"));
    const kept = left.stats().emitted;
    expect(left.stats().lastSeq).toBe(kept);
    freeSpace();
    const receipt = await left.emit("Q_TEST_PING", { n: kept + 1 });
    expect(receipt.seq).toBe(kept + 1);
    await left.close();
    const right = await open("right", { Q_TEST_PING: true });
    const again = await open("left", {});
    await eventually(
      () => right.stats().handled === kept + 1,
      () => [right.stats(), again.stats()],
    );
    expectEffectsOnce(right, 1, kept + 1);
  });

  it("makes handlers wait, forgets no effect and doubles none, and lets them go on by themselves", async () => {
    const { home, disk, freeSpace } = await homeOnSmallDisk();
    const fatal: Error[] = [];
    const open = nodesIn(home, fatal);
    const left = await open("left", {});
    const right = await open("right", { Q_TEST_PING: true });
    for (let n = 1; n <= 50; n++) await left.emit("Q_TEST_PING", { n });
    await eventually(() => right.stats().handled === 50);
    await right.close();
    for (let n = 51; n <= 400; n++) await left.emit("Q_TEST_PING", { n });
    writeFileSync(join(disk, "hog"), Buffer.alloc(bytesLeft(disk)));
    const back = await open("right", { Q_TEST_PING: true });
    const until = performance.now() + 700;
    await eventually(() => performance.now() > until);
    expect(back.stats().handled).toBeLessThan(350);
    rmSync(join(disk, "hog"));
    freeSpace();
    await eventually(
      () => back.stats().handled === 350,
      () => back.stats(),
    );
    await eventually(async () => {
      const audit = await auditHome(home);
      return audit.balanced && audit.rows.every(({ pending }) => pending === 0);
    });
    expectEffectsOnce(back, 1, 400);
    expect(fatal).toEqual([]);
  });

  it("is never reached while the reserve holds: emits are refused before, handlings still commit", async () => {
    const { home, disk, freeSpace } = await homeOnSmallDisk();
    const open = nodesIn(home, [], { ...LIMITS, diskReserveBytes: 3 * MIB });
    const left = await open("left", {});
    const right = await open("right", { Q_TEST_PING: true });
    const refused = await fillUp(left);
    expect(refused).toMatchObject({ code: "E_DISK_FULL" });
    expect(String(refused)).toContain("disk_reserve_bytes");
    expect(bytesLeft(disk)).toBeGreaterThan(MIB);
    const { emitted } = left.stats();
    await eventually(
      () => right.stats().handled === emitted,
      () => right.stats(),
    );
    freeSpace();
    await eventually(() =>
      left.emit("Q_TEST_PING", { n: emitted + 1 }).then(
        () => true,
        () => false,
      ),
    );
    await eventually(() => right.stats().handled === emitted + 1);
  });
});

describe("a journal that may not be written", () => {
  it.skipIf(!IS_ROOT)("on a read-only disk is refused with the path and what to check", async () => {
    const { home, makeReadOnly } = await homeOnSmallDisk();
    const open = nodesIn(home);
    const left = await open("left", {});
    await left.emit("Q_TEST_PING", { n: 1 });
    await left.close();
    makeReadOnly();
    await expect(open("left", {})).rejects.toMatchObject({
      code: "E_JOURNAL_OPEN",
      path: join(home, "journal", "left"),
    });
    await expect(open("right", {})).rejects.toThrow(/journal\/right: .*check that/);
  });

  it("because a file stands in its place is refused in the same words", async () => {
    const { home } = await homeOnSmallDisk(IS_ROOT);
    writeFileSync(join(home, "journal", "left"), "not a folder");
    await expect(nodesIn(home)("left", {})).rejects.toMatchObject({ code: "E_JOURNAL_OPEN" });
    expect(readFileSync(join(home, "journal", "left"), "utf8")).toBe("not a folder");
  });
});

/** A home on a disk of a few MiB, half of it taken by ballast that `freeSpace` throws away. */
async function homeOnSmallDisk(mounted = true) {
  const disk = mounted ? smallDisk(DISK_BYTES) : { path: tempFolder(), makeReadOnly: () => undefined };
  const home = join(disk.path, "home");
  mkdirSync(home);
  await ensureHome(home);
  const ballast = join(disk.path, "ballast");
  writeFileSync(ballast, Buffer.alloc(mounted ? BALLAST_BYTES : 0));
  return {
    home,
    disk: disk.path,
    freeSpace: () => {
      rmSync(ballast);
    },
    makeReadOnly: () => {
      disk.makeReadOnly();
    },
  };
}

/** Opens nodes that share a transport; a consumer counts its effects. Closed before the disk is unmounted. */
function nodesIn(home: string, fatal: Error[] = [], limits: Partial<BusLimits> = LIMITS) {
  const transport = memoryTransport();
  const nodes: Node[] = [];
  onTestFinished(async () => {
    for (const node of nodes) await node.close();
  });
  return async (daemon: string, handles: { Q_TEST_PING?: true }): Promise<Node> => {
    const hooks = { onFatal: (error: Error) => void fatal.push(error) };
    const node = await openNode({ daemon, home, contracts: meshContracts(), transport, limits, hooks });
    nodes.push(node);
    if (handles.Q_TEST_PING === true) node.on("Q_TEST_PING", countEffect);
    await node.start();
    return node;
  };
}

/** Emits until the disk has had enough; returns what it said. */
async function fillUp(node: Node): Promise<unknown> {
  for (let n = 1; n < 10_000; n++) {
    try {
      await node.emit("Q_TEST_PING", { n, pad: "x".repeat(20_000) });
    } catch (error) {
      return error;
    }
  }
  throw new Error("the disk never filled up");
}

function bytesLeft(disk: string): number {
  const { bavail, bsize } = statfsSync(disk);
  return bavail * bsize;
}
