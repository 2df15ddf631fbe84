/** Work that ends badly is asked for again, a bounded number of times, by the shipped rules. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { promotionsDetected } from "./engine-home.ts";
import { MemoryEngine, rulesOf } from "./memory-engine.ts";

const shipped = rulesOf(readFileSync(new URL("../policies.yaml", import.meta.url), "utf8"));

describe("retries", () => {
  it("a dream that never ends is asked for three times in all, ever later, then somebody is told", () => {
    const engine = new MemoryEngine(shipped);
    engine.handle(engine.signal("Q_PROMOTIONS_DETECTED", promotionsDetected({ gzip: ["a"] })));
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 3; attempt++) {
      const trigger = engine.named("Q_DREAM_TRIGGER").at(-1)!;
      const facts = {
        question_id: "gzip",
        timeout_seconds: 1800,
        suggested_action: "restart_dream_consumer",
        trigger_signal: "Q_DREAM_TRIGGER",
        trigger_id: trigger.id,
        expected: ["Q_DREAM_COMPLETE"],
        trigger_facts: trigger.facts,
        attempt,
        retry_of: engine.named("Q_DREAM_TRIGGER")[0]!.id,
      };
      const timeout = engine.signal("Q_DREAM_TIMEOUT", facts, trigger);
      engine.handle(timeout);
      engine.handle({ ...timeout, id: engine.id() }); // A second one changes nothing.
      const restart = engine.named("Q_DAEMON_RESTART_REQUESTED").at(-1);
      if (attempt === 2 && restart !== undefined) {
        const restarted = {
          daemon: restart.facts["daemon"],
          method: "already",
          pid_before: null,
          pid: 2,
          took_seconds: 1,
        };
        engine.handle(engine.signal("Q_DAEMON_RESTARTED", restarted, restart));
      }
      let waited = 0;
      while (engine.named("Q_DREAM_TRIGGER").length === attempt && waited < 600_000) {
        engine.pass(1_000);
        waited += 1_000;
        engine.reconsider();
      }
      waits.push(waited);
    }
    expect(waits).toEqual([30_000, 120_000, 600_000]);
    const triggers = engine.named("Q_DREAM_TRIGGER");
    expect(triggers.map(({ facts }) => [facts["attempt"], facts["retry_of"], facts["promotions"]])).toEqual([
      [undefined, undefined, ["a"]],
      [2, triggers[0]?.id, ["a"]],
      [3, triggers[0]?.id, ["a"]],
    ]);
    expect(engine.named("Q_HEALTH_ALERT").map(({ facts }) => facts)).toMatchObject([
      { alert_type: "work_stuck", recommended_action: "restart_dream_consumer", subject: "gzip" },
    ]);
  });

  it("a dream that fails is asked for again only where that may help, also when the trigger is known from its flight only", () => {
    const engine = new MemoryEngine(shipped);
    engine.handle(engine.signal("Q_PROMOTIONS_DETECTED", promotionsDetected({ a: ["1"], b: ["2"] })));
    const [a, b] = engine.named("Q_DREAM_TRIGGER");
    const failed = { cycle_id: "c", error_type: "X", error_message: "x" };
    engine.handle(engine.signal("Q_DREAM_FAILED", { ...failed, topic: "a", retry_possible: true }, a));
    engine.handle(engine.signal("Q_DREAM_FAILED", { ...failed, topic: "b", retry_possible: false }, b));
    engine.pass(60_000);
    engine.reconsider();
    expect(
      engine
        .named("Q_DREAM_TRIGGER")
        .slice(2)
        .map(({ facts }) => facts),
    ).toEqual([{ ...a?.facts, attempt: 2, retry_of: a?.id }]);
  });
});
