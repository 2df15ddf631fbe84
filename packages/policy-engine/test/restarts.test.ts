/** The shipped rules restart a daemon that does not do its work, once for it, and let the retry wait for that. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Emitted, MemoryEngine, rulesOf } from "./memory-engine.ts";

const shipped = rulesOf(readFileSync(new URL("../policies.yaml", import.meta.url), "utf8"));
const REQUEST = "Q_DAEMON_RESTART_REQUESTED";

function timeout(engine: MemoryEngine, attempt: number, root = "0199d2a4-7a00-7000-8000-00000000aaaa"): void {
  const trigger = engine.signal("Q_CURIOSITY_INVESTIGATE", {});
  const facts = {
    question_id: "q.1",
    timeout_seconds: 600,
    suggested_action: "restart_investigation_consumer",
    trigger_signal: "Q_CURIOSITY_INVESTIGATE",
    trigger_id: trigger.id,
    expected: ["Q_INVESTIGATION_COMPLETE"],
    trigger_facts: { question: "?", question_id: "q.1", priority: "normal", evidence: [] },
    attempt,
    retry_of: root,
  };
  engine.handle(engine.signal("Q_INVESTIGATION_TIMEOUT", facts, trigger));
}

function restarted(engine: MemoryEngine, request: Emitted): void {
  const facts = {
    daemon: request.facts["daemon"],
    method: "supervisor",
    pid_before: 2,
    pid: 3,
    took_seconds: 1,
  };
  engine.handle(engine.signal("Q_DAEMON_RESTARTED", facts, request));
}

function alert(engine: MemoryEngine, facts: object): void {
  engine.handle(
    engine.signal("Q_HEALTH_ALERT", {
      alert_type: "daemon_unresponsive",
      severity: "critical",
      metric_value: "2 min",
      threshold: "2m",
      recommended_action: "restart_dream_consumer",
      subject: "dream_consumer_daemon",
      message: "it does not answer",
      ...facts,
    }),
  );
}

function pass(engine: MemoryEngine, ms: number): void {
  engine.pass(ms);
  engine.reconsider();
}

describe("work that does not end in time", () => {
  it("has its daemon restarted at the second timeout in a row, and is asked for again only after that", () => {
    const engine = new MemoryEngine(shipped);
    timeout(engine, 1);
    expect(engine.named(REQUEST)).toEqual([]);
    pass(engine, 10_000);
    expect(engine.named("Q_CURIOSITY_INVESTIGATE")).toHaveLength(1);
    timeout(engine, 2);
    const [request] = engine.named(REQUEST);
    expect(request?.facts).toMatchObject({
      daemon: "investigation_consumer_daemon",
      requested_by: "restart_after_investigation_timeouts",
      reason: "the investigation q.1 did not end in time, twice in a row",
    });
    pass(engine, 60_000); // Longer than the retry's own delay.
    expect(engine.named("Q_CURIOSITY_INVESTIGATE")).toHaveLength(1);
    restarted(engine, request!);
    engine.reconsider();
    expect(engine.named("Q_CURIOSITY_INVESTIGATE").map(({ facts }) => facts["attempt"])).toEqual([2, 3]);
    timeout(engine, 3);
    pass(engine, 3_600_000);
    expect(engine.named(REQUEST)).toHaveLength(1);
    expect(engine.named("Q_HEALTH_ALERT").map(({ facts }) => facts["alert_type"])).toEqual(["work_stuck"]);
    expect(
      engine.decisions.filter(({ rule }) => rule === "restart_after_investigation_timeouts"),
    ).toMatchObject([
      { outcome: "no" }, // The third timeout repeats it.
      { outcome: "yes", key: "investigation_consumer_daemon", emitted: [{ signal: REQUEST }] },
    ]);
  });

  it("that hits many at once leads to one restart of their daemon", () => {
    const engine = new MemoryEngine(shipped);
    for (let n = 0; n < 5; n++) timeout(engine, 2, `0199d2a4-7a00-7000-8000-00000000bbb${n}`);
    expect(engine.named(REQUEST)).toHaveLength(1);
    restarted(engine, engine.named(REQUEST)[0]!);
    pass(engine, 3_600_000); // The others were deferred by the cooldown: it has been restarted since.
    expect(engine.named(REQUEST)).toHaveLength(1);
  });

  it("is asked for again after a while although nobody says how the restart ended", () => {
    const engine = new MemoryEngine(shipped);
    timeout(engine, 2);
    pass(engine, 239_000);
    expect(engine.named("Q_CURIOSITY_INVESTIGATE")).toEqual([]);
    pass(engine, 1_000);
    expect(engine.named("Q_CURIOSITY_INVESTIGATE")).toHaveLength(1);
  });
});

describe("a daemon that the monitor finds deaf", () => {
  it("is restarted, unless the alert is no critical one, from somebody else, or about something else", () => {
    const engine = new MemoryEngine(shipped);
    alert(engine, { severity: "warning" });
    alert(engine, { alert_type: "disk_space_low", recommended_action: "free_disk_space" });
    alert(engine, { recommended_action: "look_at_the_log" });
    expect(engine.named(REQUEST)).toEqual([]);
    alert(engine, {});
    expect(engine.named(REQUEST).map(({ facts }) => facts)).toMatchObject([
      { daemon: "dream_consumer_daemon", requested_by: "restart_unresponsive_daemon" },
    ]);
  });

  it("is left alone when it has come back while maintenance kept the rule from acting", () => {
    const engine = new MemoryEngine(shipped);
    engine.isMaintenance = true;
    alert(engine, {});
    alert(engine, { severity: "info", recommended_action: "none" });
    engine.isMaintenance = false;
    engine.reconsider();
    expect(engine.named(REQUEST)).toEqual([]);
    alert(engine, {});
    expect(engine.named(REQUEST)).toHaveLength(1);
  });
});

describe("a restart that fails", () => {
  const failed = (engine: MemoryEngine, error_type: string): void =>
    engine.handle(
      engine.signal("Q_DAEMON_RESTART_FAILED", { daemon: "intent_router", error_type, error_message: "why" }),
    );

  it("calls somebody once for each kind in an hour, and nobody when the daemon was stopped on purpose", () => {
    const engine = new MemoryEngine(shipped);
    for (const type of ["StoppedOnPurpose", "TooManyRestarts", "TooManyRestarts", "NotBack"])
      failed(engine, type);
    pass(engine, 3_601_000);
    failed(engine, "TooManyRestarts");
    const alerts = engine
      .named("Q_HEALTH_ALERT")
      .map(({ facts }) => [facts["metric_value"], facts["subject"]]);
    expect(alerts.map(([type]) => type)).toEqual(["TooManyRestarts", "NotBack", "TooManyRestarts"]);
    expect(engine.named("Q_HEALTH_ALERT")[0]?.facts).toMatchObject({
      alert_type: "daemon_not_restarted",
      severity: "critical",
      subject: "intent_router",
      message: "why",
    });
  });
});

it("not_during refuses signals that are never under way", () => {
  const rules = (signal: string) => () =>
    rulesOf(`
version: 1
policies:
  - name: r
    on: Q_MODULE_DISCOVERED
    emit: { signal: Q_SCAN_REQUESTED, facts: { scope: all, reason: r } }
    gates: { cooldown: 1m, not_during: [${signal}] }
`);
  expect(rules("Q_DREAM_TRIGGER")).not.toThrow();
  expect(rules("Q_MODULE_DISCOVERED")).toThrow(/expects no end/);
  expect(rules("Q_DREAM_TRIGER")).toThrow(/did you mean Q_DREAM_TRIGGER/);
});

it("what was decided about one daemon does not hide what was decided about another", () => {
  const engine = new MemoryEngine(shipped);
  const asked = ["intent_router", "tournament_consumer_daemon"].map((daemon) =>
    engine.signal(REQUEST, { daemon, reason: "by hand" }),
  );
  for (const request of [...asked, ...asked]) {
    const { daemon } = request.facts;
    const end = { daemon, method: "control_socket", pid_before: 2, pid: 3, took_seconds: 1 };
    engine.handle(engine.signal("Q_DAEMON_RESTARTED", end, request));
    const refusal = { daemon, error_type: "StoppedOnPurpose", error_message: "it is stopped" };
    engine.handle(engine.signal("Q_DAEMON_RESTART_FAILED", refusal, request));
  }
  const told = engine.decisions.map(({ outcome, inputs }) => [
    outcome,
    (inputs.facts as { daemon: string }).daemon,
  ]);
  for (const { facts } of asked)
    for (const outcome of ["no_rule", "no"]) expect(told).toContainEqual([outcome, facts["daemon"]]);
});
