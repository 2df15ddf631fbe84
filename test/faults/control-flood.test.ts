/** A control socket under a storm of bad clients: the daemon's signals go on, its memory is bounded, good clients are answered. */
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { loadContracts, type Node, openNode } from "@kloros/bus";
import type { Client } from "@kloros/client";
import { expect, it, onTestFinished } from "vitest";
import { eventually } from "../mesh/eventually.ts";
import { askFor } from "../mesh/intents.ts";
import { startRouter } from "../mesh/running-router.ts";
import { tempFolder } from "../mesh/temp-folder.ts";
import { startStorm, STORM_PROGRAM } from "../bench/processes/storm.ts";

const STORM = fileURLToPath(new URL(`../../${STORM_PROGRAM}`, import.meta.url));
/** Intents dropped before, during and after the storm. */
const INTENTS = { before: 10, during: 50, after: 5 };
const PAUSE_MS = 40;
/** No signal may take longer than this from its file to its handling, on a machine that is busy with other tests. */
const LATE_MS = 10_000;
/** What the storm may add to the daemon's memory, in MB: the 64 MiB that all clients may hold, and what a garbage collector lags. */
const MEMORY_MB = 200;

it(
  "a thousand bad clients neither lose nor hold up a signal, take little memory, and leave nothing behind",
  { timeout: 60_000 },
  async () => {
    const home = join(await tempFolder(), "home");
    await mkdir(join(home, "intents"), { recursive: true });
    const router = await startRouter(home);
    const handled = new Map<string, number>();
    await consume(home, (id) => handled.set(id, (handled.get(id) ?? 0) + 1));
    const dropped: string[] = [];
    const drop = async (count: number) => {
      for (let n = 0; n < count; n++) {
        dropped.push(await askFor(home, `m${dropped.length}`, "src/m"));
        await sleep(PAUSE_MS);
      }
    };
    const allHandled = () =>
      eventually("all intents are handled", () => handled.size === dropped.length, LATE_MS);

    await drop(INTENTS.before);
    await allHandled();
    const before = { connections: connections(router.socket), mb: residentMb(router.pid) };

    const storm = await startStorm(STORM, router.socket);
    const good = await askThroughout(router.client);
    await drop(INTENTS.during);
    await allHandled();
    const answered = await good.stop();
    const during = peakMb(router.pid);
    const { most } = await storm.end();

    expect(most).toBeGreaterThanOrEqual(1_000);
    expect(answered.failures).toEqual([]);
    expect(answered.count).toBeGreaterThan(0); // Each within its time: what failed is above.
    expect(during - before.mb).toBeLessThan(MEMORY_MB);

    await eventually(
      () => `all bad clients are gone; ${connections(router.socket)} connections are open`,
      () => connections(router.socket) === before.connections,
    );
    await drop(INTENTS.after);
    await allHandled();
    expect(Math.max(...handled.values())).toBe(1);
    expect(await router.client.sendSingle("system:health")).toMatchObject({ state: "ready" });
    expect(await router.stop()).toBe(0);
  },
);

/** The consumer of what the router emits, here. */
async function consume(home: string, onQuestion: (id: string) => void): Promise<Node> {
  const node = await openNode({ daemon: "investigation_consumer_daemon", home, contracts: loadContracts() });
  onTestFinished(() => node.close());
  node.on("Q_CURIOSITY_INVESTIGATE", ({ facts }) => onQuestion(facts.question_id), { from: "earliest" });
  await node.start();
  return node;
}

/** A client that asks now and again, and must get each answer. */
async function askThroughout(client: Client) {
  const failures: unknown[] = [];
  let count = 0;
  let going = true;
  const asking = (async () => {
    while (going) {
      await client
        .sendSingle("system:health", {}, { timeoutMs: LATE_MS })
        .catch((error: unknown) => failures.push(error));
      count++;
      await sleep(PAUSE_MS);
    }
  })();
  await client.sendSingle("system:health", {}, { timeoutMs: LATE_MS }); // The storm does not keep it out.
  return {
    async stop() {
      going = false;
      await asking;
      return { failures, count };
    },
  };
}

/** The daemon's side of all connections, as the kernel knows them, and the socket it listens on. */
function connections(socket: string): number {
  return readFileSync("/proc/net/unix", "utf8")
    .split("\n")
    .filter((line) => line.endsWith(` ${socket}`)).length;
}

function residentMb(pid: number): number {
  return statusMb(pid, "VmRSS");
}

function peakMb(pid: number): number {
  return statusMb(pid, "VmHWM");
}

function statusMb(pid: number, field: string): number {
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB`, "mu").exec(
    readFileSync(`/proc/${pid}/status`, "utf8"),
  )?.[1];
  return (Number(kib) * 1024) / 1e6;
}
