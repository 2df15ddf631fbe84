/** The engine on a real node between real neighbours. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  decisionsOf,
  listens,
  neighbour,
  promotionsDetected,
  startEngine,
  tempHome,
  until,
} from "./engine-home.ts";

it("an advisory becomes one trigger for each topic, and a hundred reminders trigger nothing more", async () => {
  const home = await tempHome();
  const dreams = await neighbour(home, "dream_consumer_daemon", { Q_DREAM_TRIGGER: listens });
  const monitor = await neighbour(home, "orchestrator_monitor", {});
  const engine = await startEngine(home);
  const facts = promotionsDetected({ gzip: ["a.json", "b.json"], "": ["c.json"] });
  const advisory = await monitor.node.emit("Q_PROMOTIONS_DETECTED", facts);
  await until("two triggers", () => dreams.heard.length === 2);
  expect(dreams.heard.map((one) => [one.facts, one.causation_id, one.correlation_id])).toEqual([
    [
      {
        reason: "unacknowledged_promotions_detected",
        topic: "gzip",
        promotion_count: 2,
        promotions: ["a.json", "b.json"],
      },
      advisory.id,
      advisory.id,
    ],
    [
      {
        reason: "unacknowledged_promotions_detected",
        topic: null,
        promotion_count: 1,
        promotions: ["c.json"],
      },
      advisory.id,
      advisory.id,
    ],
  ]);
  for (let n = 0; n < 100; n++)
    await monitor.node.emit("Q_PROMOTIONS_DETECTED", { ...facts, is_reminder: true });
  await until("all handled", () => engine.node.stats().handled >= 103);
  expect(dreams.heard).toHaveLength(2);
  const lines = await decisionsOf(home, engine);
  expect(lines.filter(({ outcome }) => outcome === "yes")).toHaveLength(2);
  const no = lines.filter(({ outcome, rule }) => outcome === "no" && rule === "dream_on_promotions");
  expect(no.map(({ key, reason }) => [key, reason])).toEqual([
    ["gzip", "all 2 of it triggered before"],
    ["null", "it triggered before"],
  ]);
  const repeated = lines.filter(({ decision }) => decision === no[0]?.id);
  expect(repeated.at(-1)?.total).toBe(99);
  expect(repeated.flatMap(({ signal_ids }) => signal_ids)).toHaveLength(99);
  expect(lines.length).toBeLessThan(25);
});

it("what waits for the end of maintenance is decided then, on fresh facts", async () => {
  const home = await tempHome();
  await writeFile(join(home, "maintenance_mode"), "");
  const dreams = await neighbour(home, "dream_consumer_daemon", { Q_DREAM_TRIGGER: listens });
  const monitor = await neighbour(home, "orchestrator_monitor", {
    Q_DECISION_DEFERRED: listens,
    Q_SCAN_REQUESTED: ({ id, correlation_id }, node) =>
      void node.emit("Q_PROMOTIONS_DETECTED", promotionsDetected({ gzip: ["a.json", "new.json"] }), {
        causation_id: id,
        correlation_id,
      }),
  });
  const engine = await startEngine(home);
  const advisory = await monitor.node.emit("Q_PROMOTIONS_DETECTED", promotionsDetected({ gzip: ["a.json"] }));
  await until("the deferral", () => monitor.named("Q_DECISION_DEFERRED").length === 1);
  expect(monitor.heard[0]?.facts).toMatchObject({ rule: "dream_on_promotions", gate: "maintenance" });
  for (let n = 0; n < 10; n++)
    await monitor.node.emit("Q_PROMOTIONS_DETECTED", promotionsDetected({ gzip: ["a.json"] }, true));
  await until("all handled", () => engine.node.stats().handled >= 11);
  expect(dreams.heard).toHaveLength(0);
  await rm(join(home, "maintenance_mode"));
  await until("the trigger", () => dreams.heard.length === 1);
  expect(dreams.heard[0]).toMatchObject({
    correlation_id: expect.not.stringMatching(/^$/) as string,
    facts: { topic: "gzip", promotion_count: 2, promotions: ["a.json", "new.json"] },
  });
  expect(monitor.named("Q_SCAN_REQUESTED")).toHaveLength(1);
  expect(monitor.named("Q_DECISION_DEFERRED")).toHaveLength(1);
  const lines = await decisionsOf(home, engine);
  const yes = lines.find(({ outcome }) => outcome === "yes");
  expect(yes?.deferred_by).toBe(lines.find(({ outcome }) => outcome === "deferred")?.id);
  expect(advisory.id).toBeDefined();
  expect(engine.parts.health?.()["deferred"]).toBe(0);
});

it("a monitor that does not group promotions triggers once for each state of its folder", async () => {
  const home = await tempHome();
  const dreams = await neighbour(home, "dream_consumer_daemon", { Q_DREAM_TRIGGER: listens });
  const monitor = await neighbour(home, "orchestrator_monitor", {});
  const engine = await startEngine(home);
  const facts = {
    promotion_count: 3,
    unacknowledged_count: 3,
    oldest_promotion_age_hours: 12,
    last_dream_time: "2025-11-13T22:00:00Z",
    promotions_path: "/home/kloros/.kloros/dream_lab/promotions",
  };
  for (let n = 0; n < 10; n++)
    await monitor.node.emit("Q_PROMOTIONS_DETECTED", { ...facts, oldest_promotion_age_hours: 12 + n });
  await until("all handled", () => engine.node.stats().handled >= 11);
  expect(dreams.heard.map((one) => one.facts)).toEqual([
    { reason: "unacknowledged_promotions_detected", topic: null, promotion_count: 3, promotions: [] },
  ]);
});
