/**
 * Work that does not end is told of, once, by the contracts alone: also when the monitor is killed meanwhile, and not when
 * the work ended while nobody watched. The whole mesh, with the shipped policies, whose waits are shortened.
 */
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Audit, Envelope } from "@kloros/bus";
import { describe, expect, it } from "vitest";
import { askDaemon } from "@kloros/client";
import { ask, EXAMPLE_WORKSPACE, ROOT, run } from "../mesh/commands.ts";
import { eventually } from "../mesh/eventually.ts";
import { askFor } from "../mesh/intents.ts";
import { type Daemon, type RunningMesh, startMesh } from "../mesh/running-mesh.ts";
import { readSignals } from "../mesh/signals.ts";
import { tempFolder } from "../mesh/temp-folder.ts";

const INVESTIGATOR = "investigation_consumer_daemon";
const MONITOR = "orchestrator_monitor";

interface Wait {
  readonly state: string;
  readonly signal: string;
  readonly question_id: string;
  readonly attempt: number;
  readonly due_in_s: number | null;
}

/** `heartbeat`: a process that is held (SIGSTOP) must not be taken for one that hangs. */
async function impatientMesh(
  deadlines: string,
  prepare: (home: string) => Promise<void> = async () => undefined,
): Promise<RunningMesh> {
  const folder = await tempFolder();
  const workspace = join(folder, "workspace");
  await cp(EXAMPLE_WORKSPACE, workspace, { recursive: true });
  const home = join(folder, "home");
  await mkdir(home, { mode: 0o700 });
  const policies = await readFile(join(ROOT, "packages/policy-engine/policies.yaml"), "utf8");
  const quick = policies
    .replaceAll(/^( +)delay: .*$/gm, "$1delay: 200ms")
    .replaceAll(/factor: \d+/g, "factor: 1");
  await writeFile(join(home, "policies.yaml"), quick);
  await prepare(home);
  const settings = `supervisor: {heartbeat: 1h, backoff_base: 10ms, backoff_cap: 50ms}
daemons:
  ${MONITOR}: {deadlines: [${deadlines}]}
`;
  return startMesh({ home, workspace, settings });
}

async function signals(mesh: RunningMesh, name: string): Promise<readonly Envelope[]> {
  return (await readSignals(mesh.home)).get(name) ?? [];
}

async function waits(mesh: RunningMesh, all = false): Promise<readonly Wait[]> {
  return askDaemon(join(mesh.home, "run", `${MONITOR}.sock`), "watchdog:list", { all });
}

async function order(mesh: RunningMesh, word: "start" | "stop", daemon: Daemon): Promise<void> {
  await askDaemon(join(mesh.home, "run", "kloros-up.sock"), `supervisor:${word}`, { daemon });
  const wanted = word === "start" ? "ready" : "stopped";
  await eventually(`${daemon} is ${wanted}`, async () =>
    (await mesh.daemons()).some(({ name, state }) => name === daemon && state === wanted),
  );
}

async function hold(mesh: RunningMesh, daemon: Daemon): Promise<() => void> {
  const pid = await eventually(`${daemon} runs`, async () => mesh.pidOf(daemon));
  process.kill(pid, "SIGSTOP");
  return () => process.kill(pid, "SIGCONT");
}

/** Killed as the kernel does it; the supervisor starts it again. */
async function kill(mesh: RunningMesh, daemon: Daemon): Promise<void> {
  const pid = await eventually(`${daemon} runs`, async () => mesh.pidOf(daemon));
  process.kill(pid, "SIGKILL");
  await eventually(`${daemon} is back`, async () => {
    const now = (await mesh.daemons()).find(({ name }) => name === daemon);
    return now?.state === "ready" && now.pid !== pid;
  });
}

/** One timeout for each trigger at most, each in its trigger's story. */
function expectOnce(triggers: readonly Envelope[], timeouts: readonly Envelope[]): void {
  const causes = timeouts.map(({ causation_id }) => causation_id);
  expect(new Set(causes).size).toBe(causes.length);
  for (const timeout of timeouts) {
    const trigger = triggers.find(({ id }) => id === timeout.causation_id);
    expect(timeout.correlation_id).toBe(trigger?.correlation_id);
  }
}

describe("a stopped investigation consumer", { timeout: 180_000 }, () => {
  it("leads to one timeout for each try, at most three tries, and then an alert; and late work is noted", async () => {
    const mesh = await impatientMesh("Q_CURIOSITY_INVESTIGATE=1500ms");
    await order(mesh, "stop", INVESTIGATOR);
    const question = await askFor(mesh.home, "scheduler", "src/scheduler");
    const [wait] = await eventually("it is waited for", async () => {
      const found = await waits(mesh);
      return found.length > 0 && found;
    });
    expect(wait).toMatchObject({ state: "waiting", question_id: question, attempt: 1 });
    await kill(mesh, MONITOR); // Before the first deadline, and once more between two.
    await eventually(
      "the first timeout",
      async () => (await signals(mesh, "Q_INVESTIGATION_TIMEOUT")).length > 0,
    );
    await kill(mesh, MONITOR);
    const alerts = await eventually(
      "somebody is called",
      async () => {
        const found = await signals(mesh, "Q_HEALTH_ALERT");
        return found.some(({ facts }) => facts["alert_type"] === "work_stuck") && found;
      },
      60_000,
    );
    expect(alerts.map(({ facts }) => facts["subject"])).toEqual([question]);
    const triggers = await signals(mesh, "Q_CURIOSITY_INVESTIGATE");
    const timeouts = await signals(mesh, "Q_INVESTIGATION_TIMEOUT");
    expect(triggers).toHaveLength(3);
    expect(timeouts).toHaveLength(3);
    expectOnce(triggers, timeouts);
    expect(timeouts.map(({ facts }) => facts["attempt"])).toEqual([1, 2, 3]);
    expect(new Set(timeouts.map(({ facts }) => facts["retry_of"]))).toEqual(new Set([triggers[0]!.id]));
    expect(timeouts[0]!.facts).toMatchObject({
      question_id: question,
      timeout_seconds: 1.5,
      suggested_action: "restart_investigation_consumer",
    });

    await order(mesh, "start", INVESTIGATOR);
    await eventually("it is noted that it came late", async () => {
      const rows = await waits(mesh, true);
      return rows.length === 3 && rows.every(({ state }) => state === "answered_late");
    });
    expect(await ask("kloros", "waits", "--all", "--home", mesh.home)).toHaveLength(3);
    const table = await run("kloros", "waits", "--all", "--home", mesh.home);
    expect(table).toMatchObject({ code: 0, stderr: "" });
    expect(table.stdout.match(/came late/g)).toHaveLength(3);
    expect(await signals(mesh, "Q_INVESTIGATION_TIMEOUT")).toHaveLength(3);
    const audit = await eventually("the books balance", async () => {
      const books = await ask<Audit>("chem-bus", "audit", "--home", mesh.home);
      return books.balanced && books.rows.every(({ pending }) => pending === 0) && books;
    });
    const watched = audit.rows.filter(({ consumer }) => consumer === MONITOR);
    expect(watched.map(({ signal }) => signal)).toContain("Q_INVESTIGATION_COMPLETE");
  });

  it("that is only held, and goes on in time, leads to none", async () => {
    const mesh = await impatientMesh("Q_CURIOSITY_INVESTIGATE=60s");
    const goOn = await hold(mesh, INVESTIGATOR);
    const question = await askFor(mesh.home, "scheduler", "src/scheduler");
    await eventually("it is waited for", async () =>
      (await waits(mesh)).some(({ question_id }) => question_id === question),
    );
    await kill(mesh, MONITOR);
    expect(await waits(mesh)).toMatchObject([{ question_id: question }]);
    goOn();
    await eventually("nothing is waited for", async () => (await waits(mesh)).length === 0);
    expect(await signals(mesh, "Q_INVESTIGATION_TIMEOUT")).toEqual([]);
  });
});

it(
  "work that ended while the monitor was down is not told of, also when who did it has been stopped since",
  {
    timeout: 180_000,
  },
  async () => {
    const mesh = await impatientMesh("Q_CURIOSITY_INVESTIGATE=8s");
    const goOn = await hold(mesh, INVESTIGATOR);
    const question = await askFor(mesh.home, "scheduler", "src/scheduler");
    await eventually("it is waited for", async () =>
      (await waits(mesh)).some(({ question_id }) => question_id === question),
    );
    const armed = performance.now();
    await order(mesh, "stop", MONITOR);
    goOn();
    await eventually(
      "it is done",
      async () => (await signals(mesh, "Q_INVESTIGATION_COMPLETE")).length === 1,
    );
    await order(mesh, "stop", INVESTIGATOR);
    await eventually("the deadline is over", () => performance.now() - armed > 8_500);
    await order(mesh, "start", MONITOR);
    await eventually("nothing is waited for", async () => (await waits(mesh)).length === 0);
    expect(await waits(mesh, true)).toEqual([]);
    expect(await signals(mesh, "Q_INVESTIGATION_TIMEOUT")).toEqual([]);
    expect(await signals(mesh, "Q_CURIOSITY_INVESTIGATE")).toHaveLength(1);
  },
);

const HANGING_LAB = `
run: {seed: 7}
experiments:
  - name: spica
    search_space: {x: {type: real, min: 0, max: 1}}
    evaluator: {command: ["sleep", "600"], timeout_s: 300}
`;

it(
  "a D-REAM cycle that hangs leads to one timeout for each try, also across a restart of the monitor",
  {
    timeout: 180_000,
  },
  async () => {
    const mesh = await impatientMesh("Q_DREAM_TRIGGER=3s", async (home) => {
      await mkdir(join(home, "dream_lab", "promotions"), { recursive: true });
      await writeFile(join(home, "dream_lab", "dream.yaml"), HANGING_LAB);
    });
    const promotion = { promoted_at: new Date().toISOString(), variant_id: "spica-1", score: 0.9 };
    await writeFile(join(mesh.home, "dream_lab", "promotions", "spica.json"), JSON.stringify(promotion));
    await eventually("the cycle is waited for", async () =>
      (await waits(mesh)).some(({ signal }) => signal === "Q_DREAM_TRIGGER"),
    );
    await kill(mesh, MONITOR);
    await eventually(
      "somebody is called",
      async () =>
        (await signals(mesh, "Q_HEALTH_ALERT")).some(({ facts }) => facts["alert_type"] === "work_stuck"),
      60_000,
    );
    const triggers = await signals(mesh, "Q_DREAM_TRIGGER");
    const timeouts = await signals(mesh, "Q_DREAM_TIMEOUT");
    expect(timeouts.length).toBe(triggers.length);
    expectOnce(triggers, timeouts);
    expect(timeouts[0]!.facts).toMatchObject({
      timeout_seconds: 3,
      suggested_action: "restart_dream_consumer",
      expected: ["Q_DREAM_COMPLETE", "Q_DREAM_FAILED"],
      trigger_facts: triggers[0]!.facts,
      attempt: 1,
    });
    // The cycle itself was begun once: a retry of work that runs is the same work.
    const tournaments = await signals(mesh, "Q_TOURNAMENT_REQUESTED");
    expect(new Set(tournaments.map(({ facts }) => facts["cycle_id"])).size).toBe(1);
  },
);
