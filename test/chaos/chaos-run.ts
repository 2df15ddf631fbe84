/**
 * Two thousand intents flow through a mesh whose daemons are tormented meanwhile; then every intent must have exactly
 * one outcome. The seed decides what is done to whom and when; how the machine answers it does not, so a fault that
 * was seen once may take several runs to be seen again.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "@kloros/bus/testing";
import { expect } from "vitest";
import { dropIntent } from "../mesh/intents.ts";
import { DISCOVERY, type RunningMesh, startMesh } from "../mesh/running-mesh.ts";
import { countSignals } from "../mesh/signals.ts";
import { tempFolder } from "../mesh/temp-folder.ts";
import { faultsOf, HAND_WRITTEN } from "../mesh/outcomes.ts";
import { writeTinyModules, type TinyModule } from "../mesh/tiny-modules.ts";
import { planTorments, torment } from "./torments.ts";

export interface ChaosPlan {
  readonly kills: number;
  readonly pauses: number;
  /** More lines for mesh.yaml. */
  readonly settings?: string;
  /** A look at the mesh when it has done everything and still runs. */
  readonly lookAtTheEnd?: (mesh: RunningMesh) => Promise<void>;
}

export const INTENTS = Number(process.env["CHAOS_INTENTS"] ?? 2_000);
/** For the whole of one run, in milliseconds. */
export const CHAOS_MS = 180_000;
/** Nothing at all discovered for so long, in milliseconds, means that something is stuck. */
const STUCK_MS = 45_000;
/** Files dropped in one go; people and programs drop them in bursts. */
const MAX_BURST = 40;

/** A daemon that is killed all the time must come back at once, and never be given up. */
export const SUPERVISOR = `supervisor:
  start_limit: 1000
  min_uptime: 0ms
  backoff_base: 1ms
  backoff_cap: 20ms
`;

/** One run; resolves with the mesh, stopped in order, when nothing is wrong with it. */
export async function chaosRun(plan: ChaosPlan): Promise<RunningMesh> {
  const seed = Number(process.env["CHAOS_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
  const random = seededRandom(seed);
  const folder = await tempFolder();
  const workspace = join(folder, "workspace");
  const home = join(folder, "home");
  const modules = await writeTinyModules(workspace, INTENTS);
  await mkdir(home, { mode: 0o700 });
  await writeFile(join(home, "capabilities.yaml"), HAND_WRITTEN);
  const mesh = await startMesh({ home, workspace, settings: `${SUPERVISOR}${plan.settings ?? ""}` });
  try {
    await tormentWhileIntentsFlow(mesh, modules, plan, random);
    await allDiscovered(mesh, modules.length);
    await plan.lookAtTheEnd?.(mesh);
    expect(await mesh.stop()).toBe(0);
    expect(await faultsOf(home, workspace, modules)).toEqual([]);
  } catch (error) {
    console.error(`CHAOS_SEED=${seed} was the seed; the mesh said at last:\n${mesh.lastLines()}`);
    throw error;
  }
  return mesh;
}

/** The last intents are dropped before the last torments, so that none of these hits an idle mesh. */
async function tormentWhileIntentsFlow(
  mesh: RunningMesh,
  modules: readonly TinyModule[],
  { kills, pauses }: ChaosPlan,
  random: () => number,
): Promise<void> {
  const torments = planTorments(random, DISCOVERY, kills, pauses);
  const pausesEnd: Promise<void>[] = [];
  let dropped = 0;
  for (const [index, next] of torments.entries()) {
    const share = Math.ceil(((index + 1) / torments.length) * modules.length);
    const quiet = sleep(next.afterMs);
    while (dropped < share) {
      const burst = modules.slice(dropped, Math.min(share, dropped + 1 + Math.floor(random() * MAX_BURST)));
      await Promise.all(burst.map(({ name, intent }) => dropIntent(mesh.home, name, intent)));
      dropped += burst.length;
    }
    await quiet;
    pausesEnd.push((await torment(mesh, next)).over);
  }
  await Promise.all(pausesEnd);
}

/** Looks into the journals all the time, as `chem-bus` does: that must not harm anything either. */
async function allDiscovered(mesh: RunningMesh, count: number): Promise<void> {
  let seen = -1;
  for (let since = performance.now(); ;) {
    const now = await countSignals(mesh.home, "orchestrator_monitor", "Q_MODULE_DISCOVERED");
    if (now >= count) return;
    if (now !== seen) since = performance.now();
    seen = now;
    if (performance.now() - since > STUCK_MS) throw new Error(await stuckAt(mesh, now, count));
    await sleep(100);
  }
}

async function stuckAt(mesh: RunningMesh, now: number, count: number): Promise<string> {
  const daemons = await mesh.daemons();
  const healths = await Promise.all(
    daemons.map(async ({ name }) => mesh.health(name).catch((error: unknown) => String(error))),
  );
  return `stuck at ${now} of ${count} for ${STUCK_MS} ms: ${JSON.stringify({ daemons, healths }, null, 1)}`;
}
