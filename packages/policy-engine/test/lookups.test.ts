/** What rules can ask of the past. */
import { expect, it } from "vitest";
import { promotionsDetected } from "./engine-home.ts";
import { MemoryEngine, rulesOf } from "./memory-engine.ts";

function answers(expression: string, prepare: (engine: MemoryEngine) => void): unknown {
  const engine = new MemoryEngine(
    rulesOf(`
version: 1
policies:
  - name: dream
    on: Q_PROMOTIONS_DETECTED
    for_each: facts.groups
    once: each.keys
    emit:
      signal: Q_DREAM_TRIGGER
      facts: { reason: r, topic: { cel: each.topic }, promotion_count: { cel: size(fresh) } }
  - name: ask
    on: Q_MODULE_DISCOVERED
    emit: { signal: Q_SCAN_REQUESTED, facts: { scope: all, reason: { cel: '${expression}' } } }
    gates: { rate: { max: 9, per: 1h } }
`),
  );
  prepare(engine);
  const discovered = {
    module_name: "m",
    module_path: "p",
    investigation_id: "i",
    py_files_count: 1,
    has_init: true,
  };
  engine.handle(engine.signal("Q_MODULE_DISCOVERED", discovered));
  return engine.named("Q_SCAN_REQUESTED")[0]?.facts["reason"];
}

const triggerThenFail = (engine: MemoryEngine): void => {
  engine.handle(engine.signal("Q_PROMOTIONS_DETECTED", promotionsDetected({ gzip: ["a"] })));
  engine.pass(1_800_000);
  const facts = {
    cycle_id: "c",
    topic: "gzip",
    error_type: "NoImprovement",
    error_message: "x",
    retry_possible: false,
  };
  engine.handle(engine.signal("Q_DREAM_FAILED", facts, engine.named("Q_DREAM_TRIGGER")[0]));
  engine.pass(90_000);
};

it.each([
  ['string(count("Q_DREAM_FAILED", "1m")) + string(count("Q_DREAM_FAILED", "1h"))', "01"],
  ['recent("Q_DREAM_FAILED")[0].facts.error_type', "NoImprovement"],
  ['string(recent("Q_PROMOTIONS_DETECTED", "2h")[0].ago_seconds)', "1890"],
  [
    'last_outcome("Q_DREAM_TRIGGER").signal + string(last_outcome("Q_DREAM_TRIGGER").ago_seconds)',
    "Q_DREAM_FAILED90",
  ],
  ['string(in_flight("Q_DREAM_TRIGGER"))', "false"],
  ['string(last_outcome("Q_DREAM_COMPLETE") == null)', "true"],
])("%s gives %s after a cycle that failed", (expression, expected) => {
  expect(answers(expression, triggerThenFail)).toBe(expected);
});

it("a trigger without an end is in flight, for twice the expected time at most", () => {
  const trigger = (engine: MemoryEngine): void =>
    engine.handle(engine.signal("Q_PROMOTIONS_DETECTED", promotionsDetected({ gzip: ["a"] })));
  expect(answers('string(in_flight("Q_DREAM_TRIGGER"))', trigger)).toBe("true");
  const later = (engine: MemoryEngine): void => {
    trigger(engine);
    engine.pass(3_600_001);
  };
  expect(answers('string(in_flight("Q_DREAM_TRIGGER"))', later)).toBe("false");
});
