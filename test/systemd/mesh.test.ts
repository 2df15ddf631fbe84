/** The mesh as an operator has it: installed, run, stopped, killed, frozen and misconfigured under a real systemd. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readDeadLetters, type Audit } from "@kloros/bus";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { eventually } from "../mesh/eventually.ts";
import { dropIntent } from "../mesh/intents.ts";
import { type TinyModule, writeTinyModules } from "../mesh/tiny-modules.ts";
import { type Entry, installMesh, type InstalledMesh, unitOf } from "./installed-mesh.ts";
import { skipWithoutSystemd } from "./private-systemd.ts";

/** The one unit that keeps the times that are shipped. */
const SHIPPED = "kloros-semantic-dedup-consumer.service";
const QUICK = `[Unit]
StartLimitBurst=100
[Service]
RestartSec=200ms
WatchdogSec=5s
TimeoutAbortSec=1s
`;
/** Shipped, in seconds. */
const RESTART_S = 5;
/** A Node process starts on a busy machine, in seconds. */
const START_PATIENCE_S = 15;

describe.skipIf(skipWithoutSystemd("the whole mesh as services"))("the mesh as services", () => {
  let mesh: InstalledMesh;
  let modules: readonly TinyModule[] = [];
  let asked = 0;

  beforeAll(async () => {
    mesh = await installMesh({
      prepare: async (workspace) => {
        modules = await writeTinyModules(workspace, 120);
      },
      shipped: [SHIPPED],
      quick: QUICK,
    });
    await mesh.run("systemctl", "start", "kloros.target", ...mesh.daemons.map(unitOf));
  });
  afterAll(async () => {
    await mesh.down();
  });

  const ask = async (count: number) => {
    const next = modules.slice(asked, asked + count);
    asked += count;
    for (const { name, intent } of next) await dropIntent(mesh.home, name, intent);
  };
  const registered = async () => {
    const entries = (parse(await readFile(join(mesh.home, "capabilities.yaml"), "utf8")) ?? {}) as object;
    return Object.values(entries) as { path: string }[];
  };
  /** All that was asked for is registered, once each, and no more. */
  const allDone = async () => {
    const wanted = modules.slice(0, asked).map(({ path }) => path);
    await eventually(
      `not all of ${asked} modules are registered`,
      async () => (await registered()).length >= asked,
      40_000,
    );
    expect((await registered()).map(({ path }) => path).sort()).toEqual([...wanted].sort());
  };
  const pids = async () =>
    Object.fromEntries(
      await Promise.all(
        mesh.daemons.map(async (daemon) => {
          const { MainPID = "0" } = await mesh.show(unitOf(daemon), "MainPID");
          return [unitOf(daemon), MainPID] as const;
        }),
      ),
    );
  const isActive = async (unit: string, restarts: number) => {
    const { ActiveState, NRestarts } = await mesh.show(unit, "ActiveState", "NRestarts");
    return ActiveState === "active" && Number(NRestarts) === restarts;
  };

  it("shows every hop of a story in order, from all daemons that took part", async () => {
    await ask(1);
    await allDone();
    const [first] = await mesh.journal("EVENT=emitted", "SIGNAL=Q_CURIOSITY_INVESTIGATE");
    const id = first?.["CORRELATION_ID"] ?? "";
    const story = await eventually("the story ends", async () => {
      const entries = await mesh.journal(`CORRELATION_ID=${id}`);
      return entries.some(({ SIGNAL }) => SIGNAL === "Q_MODULE_DISCOVERED") && entries;
    });
    expect(hopsOutOfOrder(story)).toEqual([]);
    const hops = story.map(({ DAEMON, EVENT, SIGNAL }) => `${DAEMON ?? ""} ${EVENT ?? ""} ${SIGNAL ?? ""}`);
    expect(hops.slice(0, 3)).toEqual([
      "intent_router emitted Q_CURIOSITY_INVESTIGATE",
      expect.stringMatching(/ received Q_CURIOSITY_INVESTIGATE$/u),
      expect.stringMatching(/ (?:received Q_CURIOSITY_INVESTIGATE|emitted Q_INVESTIGATION_COMPLETE)$/u),
    ]);
    expect(hops).toEqual(
      expect.arrayContaining([
        "investigation_consumer_daemon received Q_CURIOSITY_INVESTIGATE",
        "investigation_consumer_daemon emitted Q_INVESTIGATION_COMPLETE",
        "capability_integrator_daemon received Q_INVESTIGATION_COMPLETE",
        "semantic_dedup_consumer_daemon received Q_INVESTIGATION_COMPLETE",
        "capability_integrator_daemon emitted Q_MODULE_INTEGRATED",
        "orchestrator_monitor received Q_MODULE_INTEGRATED",
        "orchestrator_monitor emitted Q_MODULE_DISCOVERED",
      ]),
    );
  });

  it("answers the commands of the specification as they are printed there", async () => {
    for (const daemon of mesh.daemons) {
      const status = await mesh.run("systemctl", "status", unitOf(daemon));
      expect(status).toContain("Active: active (running)");
      expect(status).toMatch(/Status: ".*\d+ emitted, \d+ handled, lag \d+/u);
    }
    const lines = await mesh.typed(`journalctl -u 'kloros-*' | grep "Emitted Q_CURIOSITY_INVESTIGATE"`);
    expect(lines).toMatch(/\[intent_router\] Emitted Q_CURIOSITY_INVESTIGATE: \{/u);
    expect(await mesh.typed(`journalctl -u 'kloros-*' | grep "Q_MODULE_INTEGRATED"`)).toContain("Received");
    expect(await mesh.typed(`systemctl show kloros-policy-engine.service | grep NRestarts`)).toBe(
      "NRestarts=0\n",
    );
    const flow = `journalctl -u 'kloros-*' --since "1 hour ago" | grep -E "(Emitted|Received)" | wc -l`;
    expect(Number(await mesh.typed(flow))).toBeGreaterThan(5);
    const follow = await mesh.typed(`timeout 1 journalctl -u 'kloros-*' -f --since "1 hour ago"`);
    expect(follow).toContain("Emitted Q_MODULE_INTEGRATED");
    expect(await mesh.typed(`timeout 1 journalctl -u kloros-policy-engine.service -f`)).toContain("Ready");
    expect(await mesh.typed(`journalctl -u 'kloros-*' -p err -q`)).toBe("");
    const { daemons } = JSON.parse(await mesh.run("kloros", "status", "--json")) as {
      daemons: { name: string; state: string }[];
    };
    expect(daemons.map(({ name, state }) => [name, state]).sort()).toEqual(
      mesh.daemons.map(({ name }) => [name, "ready"]).sort(),
    );
  });

  it("keeps for a daemon that is stopped what comes meanwhile, and disturbs no other", async () => {
    const unit = "kloros-investigation-consumer.service";
    const before = await pids();
    await mesh.run("systemctl", "stop", unit);
    await ask(100);
    await eventually("all intents are routed", async () => {
      const routed = await mesh.journal("EVENT=emitted", "SIGNAL=Q_CURIOSITY_INVESTIGATE");
      return routed.length === asked;
    });
    expect(await registered()).toHaveLength(1);
    await mesh.run("systemctl", "start", unit);
    await allDone();
    expect(await pids()).toEqual({ ...before, [unit]: expect.stringMatching(/^\d+$/u) as string });
  });

  it("brings each daemon back that is killed, within its RestartSec, and loses nothing of what was under way", async () => {
    expect(await mesh.show(SHIPPED, "RestartUSec", "WatchdogUSec")).toEqual({
      RestartUSec: `${RESTART_S}s`,
      WatchdogUSec: "15s",
    });
    await ask(10);
    const killedS = Number(await mesh.run("date", "+%s.%N"));
    await mesh.run("systemctl", "kill", "--kill-whom=main", "--signal=KILL", ...mesh.daemons.map(unitOf));
    await Promise.all(
      mesh.daemons.map((daemon) =>
        eventually(`${unitOf(daemon)} is back`, async () => isActive(unitOf(daemon), 1), 30_000),
      ),
    );
    const ready = (await mesh.journal("-u", SHIPPED, "EVENT=ready")).at(-1);
    const backS = Number(ready?.["__REALTIME_TIMESTAMP"]) / 1e6 - killedS;
    expect(backS).toBeGreaterThan(RESTART_S - 0.5);
    expect(backS).toBeLessThan(RESTART_S + START_PATIENCE_S);
    expect((await mesh.journal("EVENT=unclean_start")).length).toBe(mesh.daemons.length);
    await allDone();
  });

  it("restarts a daemon that is frozen, by its watchdog, and then it goes on", async () => {
    const unit = "kloros-capability-integrator.service";
    await mesh.run("systemctl", "kill", "--kill-whom=main", "--signal=STOP", unit);
    await ask(5);
    await eventually("it is back", async () => isActive(unit, 2), 30_000);
    expect(await mesh.typed(`journalctl -u ${unit}`)).toMatch(/Watchdog timeout/u);
    await allDone();
  });

  it("does not loop over a bad configuration, and says what is wrong with it", async () => {
    const file = join(mesh.home, "mesh.yaml");
    const good = await readFile(file, "utf8");
    const unit = "kloros-policy-engine.service";
    const before = await pids();
    await writeFile(file, `${good}\nlog_level: loud\n`);
    await mesh.typed(`systemctl restart ${unit}`);
    expect(await mesh.show(unit, "ActiveState", "ExecMainStatus", "NRestarts")).toEqual({
      ActiveState: "failed",
      ExecMainStatus: "78",
      NRestarts: "0",
    });
    const [told] = (await mesh.journal("-u", unit, "EVENT=start_failed")).slice(-1);
    expect(told?.["MESSAGE"]).toMatch(/kloros_policy_engine cannot start[^]*log_level/u);
    await writeFile(file, good);
    await mesh.run("systemctl", "start", unit);
    expect(await pids()).toEqual({ ...before, [unit]: expect.stringMatching(/^\d+$/u) as string });
  });

  it("stops in order with its target, and the books balance", async () => {
    await eventually("nothing is pending", async () => {
      const { rows } = JSON.parse(await mesh.typed("chem-bus audit --json")) as Audit;
      return rows.every(({ pending }) => pending === 0);
    });
    await mesh.run("systemctl", "stop", "kloros.target"); // Returns before the daemons have ended.
    for (const daemon of mesh.daemons) {
      const unit = unitOf(daemon);
      await eventually(`${unit} has stopped`, async () => {
        const { ActiveState } = await mesh.show(unit, "ActiveState");
        return ActiveState !== "active" && ActiveState !== "deactivating";
      });
      expect(await mesh.show(unit, "ActiveState", "Result")).toEqual({
        ActiveState: "inactive",
        Result: "success",
      });
    }
    const audit = JSON.parse(await mesh.run("chem-bus", "audit", "--json")) as Audit;
    expect(audit.balanced).toBe(true);
    for (const signal of ["Q_CURIOSITY_INVESTIGATE", "Q_INVESTIGATION_COMPLETE", "Q_MODULE_INTEGRATED"])
      expect(audit.rows.find((row) => row.signal === signal)).toMatchObject({
        emitted: asked,
        handled: asked,
      });
    expect((await readDeadLetters(mesh.home)).letters).toEqual([]);
  });
});

/** Receipts that stand before their emission, and emissions that stand before the receipt which caused them. */
function hopsOutOfOrder(story: readonly Entry[]): string[] {
  const emitted = new Set<string>();
  const received = new Set<string>();
  const wrong: string[] = [];
  for (const { EVENT, SIGNAL, SIGNAL_ID = "", CAUSATION_ID, DAEMON } of story) {
    const what = `${DAEMON ?? ""} ${EVENT ?? ""} ${SIGNAL ?? ""}`;
    if (EVENT === "received" && !emitted.has(SIGNAL_ID)) wrong.push(what);
    if (EVENT === "emitted" && CAUSATION_ID !== undefined && !received.has(`${DAEMON ?? ""} ${CAUSATION_ID}`))
      wrong.push(what);
    if (EVENT === "emitted") emitted.add(SIGNAL_ID);
    if (EVENT === "received") received.add(`${DAEMON ?? ""} ${SIGNAL_ID}`);
  }
  return wrong;
}
