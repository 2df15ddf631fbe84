/**
 * `kill -9` after every change that a deployment makes, to its files or to its state: the old version or the new is in place,
 * whole; and the next start brings it to the same end, once.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkVersion, fileSha256, readCurrentLink } from "@kloros/experiments";
import { expect, it, onTestFinished } from "vitest";
import { EXPERIMENT, lab, type Lab, put, type WinnerChanges } from "./lab.ts";
import { surroundings } from "./mesh.ts";

const CHILD = fileURLToPath(new URL("children/killed-daemon.mjs", import.meta.url));
function start(home: Lab, env: Record<string, string> = {}): { process: ChildProcess; output: () => string } {
  const args = [CHILD, "--home", home.home, "--workspace", home.workspace];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  onTestFinished(() => void child.kill("SIGKILL"));
  return { process: child, output: () => output };
}

/** `dream_1` as a deployment leaves it behind. */
async function deployedByHand({ paths }: Lab): Promise<void> {
  const folder = paths.version("dream_1");
  await put(join(folder, "params.json"), '{"x": 5}\n');
  const record = {
    schema: "kloros.version/1",
    version_id: "dream_1",
    experiment: EXPERIMENT,
    cycle_id: "dream_1",
    winner_id: "c00001",
    params: { x: 5 },
    fitness: 5,
    previous_version_id: null,
    files: { "params.json": await fileSha256(join(folder, "params.json")) },
    created_at: "2025-11-14T08:00:00.000Z",
  };
  await put(join(folder, "version.json"), JSON.stringify(record));
  await symlink("versions/dream_1", paths.current);
}

async function expectWhole({ paths }: Lab): Promise<string> {
  const link = await readCurrentLink(paths);
  if (link.kind !== "version") throw new Error(`current is ${JSON.stringify(link)}`);
  expect((await checkVersion(paths, link.version_id)).kind).toBe("intact");
  return link.version_id;
}

interface Story {
  readonly changes: WinnerChanges;
  readonly signal: string;
  readonly current: string;
  readonly events: readonly string[];
}

const GOOD: Story = { changes: {}, signal: "Q_WINNER_DEPLOYED", current: "dream_2", events: ["deployed"] };
const SABOTAGED: Story = {
  changes: { experiment: { probation: { command: ["false"], seconds: 20 } } },
  signal: "Q_DEPLOYMENT_FAILED",
  current: "dream_1",
  events: ["rolled_back"],
};
/** How many changes each makes when it is left alone; the first test counts them. */
const GOOD_CHANGES = 28;
const SABOTAGED_CHANGES = 34;
/** Up to here both do the same. */
const SWITCHED = 24;

/** Kills the daemon after change `at` (0: never), starts it again, and looks at everything. The changes of the first life. */
async function run(at: number, { changes, signal, current, events }: Story): Promise<string[]> {
  const home = await lab();
  await deployedByHand(home);
  const before = await home.deployed();
  await home.winner("dream_2", 7, changes);
  const mesh = await surroundings(home);
  const asked = await mesh.complete("dream_2");
  const first = start(home, { KILL_AT: String(at) });
  if (at > 0) {
    await once(first.process, "exit");
    expect(first.process.signalCode).toBe("SIGKILL");
    expect(["dream_1", "dream_2"]).toContain(await expectWhole(home));
    start(home);
  }
  const answer = await mesh.answerTo(asked);
  expect(answer.signal).toBe(signal);
  expect(await expectWhole(home)).toBe(current);
  if (current === "dream_1") {
    expect(answer.facts["rollback_completed"]).toBe(true);
    expect(await home.deployed()).toEqual(before);
  }
  expect((await home.history()).map(({ event }) => event)).toEqual(events);
  expect(mesh.answers).toHaveLength(1);
  return first
    .output()
    .split("\n")
    .filter((line) => line.startsWith("change "));
}

it("a deployment makes as many changes as are tried below", async () => {
  const good = await run(0, GOOD);
  const sabotaged = await run(0, SABOTAGED);
  expect([good.length, sabotaged.length]).toEqual([GOOD_CHANGES, SABOTAGED_CHANGES]);
});

const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

it.each(upTo(1, GOOD_CHANGES))(
  "killed after change %i, a good winner is deployed by the next life",
  async (at) => {
    await run(at, GOOD);
  },
);

it.each(upTo(SWITCHED, SABOTAGED_CHANGES))(
  "killed after change %i, one that fails on probation is rolled back by the next life",
  async (at) => {
    await run(at, SABOTAGED);
  },
);
