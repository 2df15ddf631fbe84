/** P3: whatever the step at which the daemon dies by kill -9, each candidate has one result and the tournament one outcome. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cyclePaths } from "@kloros/experiments";
import { expect, it, onTestFinished } from "vitest";
import {
  candidates,
  CYCLE,
  experimentWith,
  homeWith,
  openAsker,
  requestFor,
  resultsIn,
  startConsumer,
  startsIn,
  until,
} from "./lab.ts";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const KILL_AT = fileURLToPath(new URL("children/kill-at.mjs", import.meta.url));
/** Reading the cycle, two candidates with folders, artifact, evaluator, result and tidying up: more steps than this they are not. */
const MOST_STEPS = 40;

function startDaemon(home: string, environment: Record<string, string> = {}): ChildProcess {
  const killing = Object.keys(environment).length > 0 ? ["--import", KILL_AT] : [];
  const child = spawn(process.execPath, [...killing, MAIN, "--home", home], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, ...environment },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

async function preparedHome() {
  const home = await homeWith(experimentWith(), candidates([{}, { x: 9 }]));
  const asker = await openAsker(home);
  await asker.ask(requestFor(2, { max_concurrency: 1 }));
  return { home, asker };
}

async function dieAndRecover(killAt: number): Promise<string> {
  const { home, asker } = await preparedHome();
  const daemon = startDaemon(home, { KILL_AT: String(killAt), STEP_LOG: join(home, "steps") });
  const [, signal] = (await once(daemon, "exit")) as [number | null, string | null];
  expect(signal).toBe("SIGKILL");
  const finished = (await resultsIn(home)).map(({ candidate_id }) => candidate_id);
  const startsBefore = (await startsIn(home)).length;

  const { stop } = await startConsumer(home);
  expect((await asker.outcome()).facts).toMatchObject({ winner_id: "c00002", winner_fitness: 9 });
  const later = (await startsIn(home)).slice(startsBefore).map((line) => line.split(" ")[0]);
  expect(later).toEqual(["c00001", "c00002"].filter((id) => !finished.includes(id)));
  const text = await readFile(cyclePaths(home, CYCLE).results("g000"), "utf8");
  const ids = text
    .split("\n")
    .flatMap((line) => (line === "" ? [] : (JSON.parse(line) as { candidate_id: string }).candidate_id));
  expect(ids).toEqual(["c00001", "c00002"]);
  expect(await readdir(cyclePaths(home, CYCLE).work(""))).toEqual([]);
  expect(asker.told).toHaveLength(1);
  await stop();
  return (await readFile(join(home, "steps"), "utf8")).trim().split("\n").at(-1)!;
}

it("killed with -9 before each single step, it goes on where it was", { timeout: 300_000 }, async () => {
  // One whole life tells which steps there are.
  const { home, asker } = await preparedHome();
  const daemon = startDaemon(home, { KILL_AT: "0", STEP_LOG: join(home, "steps") });
  await asker.outcome();
  daemon.kill("SIGTERM");
  expect((await once(daemon, "exit"))[0]).toBe(0);
  const steps = (await readFile(join(home, "steps"), "utf8")).trim().split("\n");
  expect(steps.length).toBeGreaterThan(12);
  expect(steps.length).toBeLessThan(MOST_STEPS);
  const diedAt: string[] = [];
  const indices = steps.keys();
  const worker = async () => {
    for (const index of indices) diedAt[index] = await dieAndRecover(index + 1);
  };
  await Promise.all([worker(), worker(), worker()]);
  expect(diedAt).toEqual(steps);
});

it("killed with -9 while evaluators run, their processes are ended by the next life at the latest", async () => {
  const held = candidates([{ mode: "fork" }, { mode: "held" }]);
  const home = await homeWith(experimentWith(), held);
  const asker = await openAsker(home);
  await asker.ask(requestFor(2, { max_concurrency: 1 }));
  const daemon = startDaemon(home, { KILL_AT: "0", STEP_LOG: join(home, "steps") });
  await until("the second candidate", async () => (await startsIn(home)).length === 2);
  daemon.kill("SIGKILL");
  await once(daemon, "exit");
  const { parts, stop } = await startConsumer(home);
  await until("it is measured again", async () => (await startsIn(home)).length === 3);
  // The evaluator itself died with the daemon; what it had started, a `sleep`, may have outlived it.
  expect((parts.health?.() as { leftovers_killed: number }).leftovers_killed).toBeLessThanOrEqual(1);
  await stop();
});
