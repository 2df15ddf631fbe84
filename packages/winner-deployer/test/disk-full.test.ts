/** A full disk during a deployment: waited for within a limit, then given up; nothing is half done either way. */
import { spawnSync } from "node:child_process";
import { mkdir, readdir, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { lab, type Lab, until } from "./lab.ts";
import { startDeployer, surroundings } from "./mesh.ts";

const canMount = process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "true"]).status === 0;
const MEGABYTE = 1024 * 1024;

/** A home whose `deployed/` is a disk of one megabyte. Only root can make one. */
async function smallLab(): Promise<Lab> {
  const home = await lab();
  const folder = join(home.home, "deployed");
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", folder]);
  if (mounted.status !== 0) throw new Error(`mount: ${mounted.stderr.toString()}`);
  onTestFinished(() => void spawnSync("umount", ["--lazy", folder]));
  await mkdir(join(folder, "ballast"));
  return home;
}

/** Fills the disk to the last page. */
async function fill({ home }: Lab): Promise<void> {
  const folder = join(home, "deployed");
  for (let number = 0; (await statfs(folder)).bavail > 0; number++)
    await writeFile(join(folder, "ballast", String(number)), Buffer.alloc(4096)).catch(() => undefined);
}

it.skipIf(!canMount)(
  "a winner that does not fit is given up after a while, and nothing of it is left",
  async () => {
    const home = await smallLab();
    const mesh = await surroundings(home);
    await startDeployer(home, { disk_wait: 300 });
    await home.winner("dream_1", 5);
    expect((await mesh.answerTo(await mesh.complete("dream_1"))).signal).toBe("Q_WINNER_DEPLOYED");
    const before = await home.deployed();
    await home.winner("dream_2", 9, { artifact: Buffer.alloc(2 * MEGABYTE, "x") });
    const { facts } = await mesh.answerTo(await mesh.complete("dream_2"));
    expect(facts).toMatchObject({ error_type: "DiskFull", rollback_completed: true, retry_possible: true });
    expect(await home.deployed()).toEqual(before);
    expect(await readdir(home.paths.versions)).toEqual(["dream_1"]);
  },
);

it.skipIf(!canMount)("a disk that has space again in time lets the deployment go on", async () => {
  const home = await smallLab();
  const mesh = await surroundings(home);
  await startDeployer(home, { disk_wait: 30_000 });
  await home.winner("dream_1", 5);
  expect((await mesh.answerTo(await mesh.complete("dream_1"))).signal).toBe("Q_WINNER_DEPLOYED");
  await fill(home);
  await home.winner("dream_2", 9, { artifact: Buffer.alloc(100_000, "x") });
  const asked = await mesh.complete("dream_2");
  const staging = join(home.paths.versions, ".staging-dream_2");
  await until("a try", async () => readdir(staging).catch(() => null));
  expect((await home.deployed()).current).toBe("dream_1");
  await rm(join(home.home, "deployed/ballast"), { recursive: true });
  expect((await mesh.answerTo(asked)).signal).toBe("Q_WINNER_DEPLOYED");
  expect((await home.deployed()).current).toBe("dream_2");
});

it.skipIf(!canMount)(
  "a disk that fills up during the probation does not keep a bad version in place",
  async () => {
    const home = await smallLab();
    const mesh = await surroundings(home);
    await startDeployer(home, { disk_wait: 30_000 });
    await home.winner("dream_1", 5);
    expect((await mesh.answerTo(await mesh.complete("dream_1"))).signal).toBe("Q_WINNER_DEPLOYED");
    const before = await home.deployed();
    await home.winner("dream_2", 9, {
      experiment: {
        probation: {
          command: ["sh", "-c", "cat /dev/zero > {home}/deployed/ballast/all; exit 1"],
          seconds: 5,
        },
      },
    });
    const asked = await mesh.complete("dream_2");
    await until("the version before is back", async () => (await home.deployed()).tree === before.tree);
    await rm(join(home.home, "deployed/ballast"), { recursive: true });
    expect((await mesh.answerTo(asked)).facts).toMatchObject({
      error_type: "ProbationFailed",
      rollback_completed: true,
    });
    expect(await home.deployed()).toEqual(before);
  },
);
