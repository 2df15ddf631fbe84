/** What holds whatever happens in whatever order: a token triggers once, and no gate drops anything. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { promotionsDetected } from "./engine-home.ts";
import { MemoryEngine, PLENTY, rulesOf } from "./memory-engine.ts";

const SHIPPED = readFileSync(new URL("../policies.yaml", import.meta.url), "utf8");
const WITHOUT_REFRESH = SHIPPED.replaceAll(/^ {4}refresh: .*$/gmu, "");
const rules = { shipped: rulesOf(SHIPPED), plain: rulesOf(WITHOUT_REFRESH) };

type Step =
  | { readonly do: "advise"; readonly dies: boolean }
  | { readonly do: "drop"; readonly topic: string; readonly file: string }
  | { readonly do: "maintenance"; readonly on: boolean }
  | { readonly do: "disk"; readonly full: boolean }
  | { readonly do: "pass"; readonly ms: number }
  | { readonly do: "look"; readonly dies: boolean }
  | { readonly do: "end"; readonly well: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("advise" as const), dies: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("drop" as const),
      topic: fc.constantFrom("a", "b", ""),
      file: fc.integer({ min: 0, max: 9 }).map(String),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("maintenance" as const), on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("disk" as const), full: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 7_200_000 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("look" as const), dies: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("end" as const), well: fc.boolean() }) },
);

class Story {
  readonly engine: MemoryEngine;
  readonly folder = new Map<string, Set<string>>();
  #answered = 0;
  #ended = 0;

  constructor(which: keyof typeof rules) {
    this.engine = new MemoryEngine(rules[which]);
  }

  facts() {
    return promotionsDetected(
      Object.fromEntries([...this.folder].map(([topic, files]) => [topic, [...files]])),
    );
  }

  advise(dies = false): void {
    this.engine.handle(this.engine.signal("Q_PROMOTIONS_DETECTED", this.facts()), dies);
  }

  /** The monitor answers what it was asked. */
  answer(): void {
    const asked = this.engine.named("Q_SCAN_REQUESTED");
    for (; this.#answered < asked.length; this.#answered++)
      this.engine.handle(this.engine.signal("Q_PROMOTIONS_DETECTED", this.facts(), asked[this.#answered]));
  }

  endOne(well: boolean): void {
    const trigger = this.engine.named("Q_DREAM_TRIGGER")[this.#ended];
    if (trigger === undefined) return;
    this.#ended++;
    const common = { cycle_id: trigger.id, topic: trigger.facts["topic"] };
    const facts = well
      ? {
          ...common,
          mutations_generated: 1,
          tournament_winner: "w",
          fitness_improvement: 1,
          duration_seconds: 1,
        }
      : { ...common, error_type: "NoImprovement", error_message: "none is better", retry_possible: false };
    this.engine.handle(this.engine.signal(well ? "Q_DREAM_COMPLETE" : "Q_DREAM_FAILED", facts, trigger));
  }

  run(one: Step): void {
    const { engine } = this;
    if (one.do === "advise") this.advise(one.dies);
    else if (one.do === "drop")
      this.folder.set(one.topic, (this.folder.get(one.topic) ?? new Set()).add(one.topic + one.file));
    else if (one.do === "maintenance") engine.isMaintenance = one.on;
    else if (one.do === "disk") engine.resources = one.full ? { ...PLENTY, disk_free_bytes: 0 } : PLENTY;
    else if (one.do === "pass") engine.pass(one.ms);
    else if (one.do === "look") engine.reconsider(one.dies);
    else this.endOne(one.well);
    if (one.do === "pass") this.answer();
  }

  /** All gates open, cycles end, the monitor answers: what was to be triggered is triggered. */
  settle(): void {
    this.engine.isMaintenance = false;
    this.engine.resources = PLENTY;
    for (let round = 0; round < 12; round++) {
      this.advise();
      this.engine.pass(3_600_000);
      this.engine.reconsider();
      this.answer();
      this.endOne(true);
      this.endOne(true);
      this.endOne(true);
    }
  }

  get triggered(): string[] {
    return this.engine.named("Q_DREAM_TRIGGER").flatMap(({ facts }) => facts["promotions"] as string[]);
  }
}

it.each(["shipped", "plain"] as const)(
  "whatever the order of advisories, gates, crashes and time, each promotion triggers exactly once (%s rules)",
  (which) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const story = new Story(which);
        for (const one of steps) story.run(one);
        expect(new Set(story.triggered).size).toBe(story.triggered.length);
        story.settle();
        const there = [...story.folder.values()].flatMap((files) => [...files]);
        expect([...story.triggered].sort()).toEqual(there.sort());
        expect(story.engine.deadLetters.size).toBe(0);
      }),
      { numRuns: 60 },
    );
  },
);

const SCAN_EACH_MODULE = rulesOf(`
version: 1
policies:
  - name: scan_each_module
    on: Q_MODULE_DISCOVERED
    once: facts.module_name
    emit: { signal: Q_SCAN_REQUESTED, facts: { scope: capabilities, reason: { cel: facts.module_name } } }
    gates: { cooldown: 5m, rate: { max: 2, per: 1h } }
`);

it("what no reminder repeats is not lost at a closed gate, however often the engine dies", () => {
  const event = fc.record({
    module: fc.integer({ min: 0, max: 15 }),
    on: fc.boolean(),
    full: fc.boolean(),
    dies: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 25 }), (events) => {
      const engine = new MemoryEngine(SCAN_EACH_MODULE);
      for (const { module, on, full, dies } of events) {
        engine.isMaintenance = on;
        engine.resources = full ? { ...PLENTY, disk_free_bytes: 0 } : PLENTY;
        const facts = {
          module_name: `m${module}`,
          module_path: "p",
          investigation_id: "i",
          py_files_count: 1,
          has_init: true,
        };
        const signal = engine.signal("Q_MODULE_DISCOVERED", facts);
        if (dies) engine.handle(signal, true); // And again from the start.
        engine.handle(signal);
        engine.pass(60_000);
        engine.reconsider(dies);
      }
      engine.isMaintenance = false;
      engine.resources = PLENTY;
      for (let round = 0; round < 40; round++) {
        engine.pass(3_600_000);
        engine.reconsider();
      }
      const scanned = engine.named("Q_SCAN_REQUESTED").map(({ facts }) => facts["reason"]);
      expect([...scanned].sort()).toEqual([...new Set(events.map(({ module }) => `m${module}`))].sort());
    }),
    { numRuns: 60 },
  );
});
