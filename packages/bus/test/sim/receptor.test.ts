/** Thousands of steps of real receptors in simulated worlds: everything exactly once, in order, and the books balance. */
import { describe, expect, it } from "vitest";
import type { ModelConsumer } from "./model-consumer.ts";
import { Simulation, type Plan } from "./simulation.ts";

const WORLDS = 40;
const STEPS = 600;
/** Worlds in which something once went wrong. */
const REMEMBERED = [20_777_000, 20_777_003, 20_777_006, 20_777_013, 20_777_021, 20_777_028, 20_777_186];
/** Besides them other worlds each day; a failure names its seed. */
const DAY = Math.floor(Date.now() / 86_400_000);
const SEEDS = [...REMEMBERED, ...Array.from({ length: WORLDS }, (_, world) => DAY * 1_000 + world)];

describe("receptors", () => {
  it.each([
    ["a wire that loses, doubles, delays and mixes up, and consumers that die", {}],
    ["emitters that restart", { emitterRestarts: true }],
    ["a hard cap that takes what is owed", { emitterRestarts: true, forcedPrunes: true }],
  ] satisfies [string, Omit<Plan, "seed" | "steps">][])("come through %s", (_what, kind) => {
    for (const seed of SEEDS) {
      const plan = { seed, steps: STEPS, ...kind };
      inWorld(plan, (simulation) => {
        for (const consumer of simulation.consumers) expectExactlyOnce(simulation, consumer);
      });
    }
  });

  it("come through a journal that is set back: nothing twice, nothing that it holds is missed, and it is noticed", () => {
    for (const seed of SEEDS) {
      const plan = { seed, steps: STEPS, emitterRestarts: true, setBacks: true };
      inWorld(plan, (simulation) => {
        for (const consumer of simulation.consumers) {
          expectEffectsAtMostOnce(consumer);
          const missed = wanted(simulation, consumer).filter(
            ({ uid }) => !consumer.effects.has(uid) && !simulation.gone.has(uid),
          );
          expect(missed).toEqual([]);
          expectBooks(simulation, consumer);
        }
      });
    }
  });
});

function inWorld(plan: Plan, check: (simulation: Simulation) => void): void {
  const simulation = new Simulation(plan);
  try {
    simulation.run();
    check(simulation);
  } catch (cause) {
    throw new Error(`in the world ${JSON.stringify(plan)}: ${(cause as Error).message}`, { cause });
  }
}

function expectExactlyOnce(simulation: Simulation, consumer: ModelConsumer): void {
  expectEffectsAtMostOnce(consumer);
  const missed = wanted(simulation, consumer).filter(({ uid }) => !consumer.effects.has(uid));
  expect(missed.filter(({ uid }) => !simulation.gone.has(uid))).toEqual([]);
  const progress = Object.values(consumer.durable?.names ?? {});
  const expired = progress.reduce((sum, { expired }) => sum + expired, 0);
  // What had gone before the consumer ever said hello is nobody's loss.
  const before = progress.reduce((sum, { base }) => sum + base, 0);
  expect(expired + before).toBe(missed.length);
  const losses = consumer.alarms.filter((alarm) => alarm.kind === "lost");
  const told = losses.reduce<number>((sum, { count }) => sum + (count ?? NaN), 0);
  expect(told).toBeGreaterThanOrEqual(expired);
  expectBooks(simulation, consumer);
}

function expectEffectsAtMostOnce(consumer: ModelConsumer): void {
  expect([...consumer.effects].filter(([, count]) => count !== 1)).toEqual([]);
}

/** P7, with nothing pending: emitted since this consumer began = handled + dead-lettered + expired. */
function expectBooks({ journal }: Simulation, { durable }: ModelConsumer): void {
  for (const [name, { base, handled, dead, expired, done }] of Object.entries(durable?.names ?? {})) {
    expect(done).toEqual([]);
    expect([name, handled + dead + expired]).toEqual([name, (journal.heads.names[name]?.count ?? 0) - base]);
  }
}

function wanted({ everything }: Simulation, consumer: ModelConsumer) {
  return everything.filter(({ name }) => consumer.core.streams.has(name));
}
