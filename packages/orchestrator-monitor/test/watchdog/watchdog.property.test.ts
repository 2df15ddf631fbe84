/** Whatever comes in whatever order, and whatever is killed or set meanwhile: the watchdog tells the truth, once. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { WITHIN_MS, World } from "./world.ts";

const HOUR = 3_600_000;
const key = fc.constantFrom("a", "b", "c");
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("ask" as const), key }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("answer" as const), key }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("hear" as const),
      from: fc.constantFrom("asks" as const, "answers" as const),
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: WITHIN_MS }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("ring" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("kill" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("start" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("retry" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("set" as const), ms: fc.constantFrom(HOUR, -HOUR) }) },
);
const story = (maxLength: number) => fc.array(step, { minLength: 20, maxLength, size: "max" });
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

async function take(world: World, one: Step): Promise<void> {
  switch (one.do) {
    // New work of a key begins when the work before is done; tries of the same work come as retries.
    case "ask":
      if (!world.open.has(one.key)) world.ask(one.key);
      break;
    case "answer":
      world.answer(one.key);
      break;
    case "hear":
      world.hear(one.from, one.count);
      break;
    case "pass":
      world.pass(one.ms);
      break;
    case "ring":
      await world.ring();
      break;
    case "kill":
      world.kill();
      break;
    case "start":
      world.start();
      break;
    case "retry": {
      const last = world.told.at(-1);
      const isOpen = last !== undefined && (world.open.get(last.key)?.has(last.trigger) ?? false);
      if (isOpen && !world.asked.some(({ at }) => at > last.at)) world.ask(last.key, last);
      break;
    }
    case "set":
      // Set forward while the watchdog is down looks like time that has passed: documented, not a fault.
      if (world.isUp || one.ms < 0) world.setClock(one.ms);
  }
}

it("tells each timeout at most once, never early, and never of work that is done on any disk", async () => {
  await fc.assert(
    fc.asyncProperty(story(150), async (steps) => {
      const world = new World();
      for (const one of steps) {
        await take(world, one);
        const triggers = world.told.map(({ trigger }) => trigger);
        expect(new Set(triggers).size).toBe(triggers.length);
        for (const { trigger, at, open } of world.told) {
          expect({ trigger, open }).toEqual({ trigger, open: true });
          const asked = world.asked.find(({ id }) => id === trigger)!;
          expect(at - asked.at).toBeGreaterThanOrEqual(WITHIN_MS);
        }
      }
    }),
    { numRuns: 600 },
  );
}, 120_000);

it("tells of all work that never ends, at last after its deadline of listening without a break", async () => {
  await fc.assert(
    fc.asyncProperty(story(100), async (steps) => {
      const world = new World();
      for (const one of steps) await take(world, one);
      world.start();
      world.hear("asks", 1_000);
      world.hear("answers", 1_000);
      world.pass(WITHIN_MS);
      await world.ring();
      const told = new Set(world.told.map(({ trigger }) => trigger));
      const open = world.asked.filter(({ id, key: of }) => world.open.get(of)?.has(id));
      expect(open.filter(({ id, isPlain }) => isPlain && !told.has(id))).toEqual([]);
    }),
    { numRuns: 600 },
  );
}, 120_000);

it("leaves nothing behind for work that was answered in time", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.uuid(), fc.boolean()), { maxLength: 30 }), async (works) => {
      const world = new World();
      for (const [id, answersFirst] of works) {
        world.ask(id);
        world.answer(id);
        for (const journal of answersFirst ? (["answers", "asks"] as const) : (["asks", "answers"] as const))
          world.hear(journal, 10);
      }
      world.pass(2 * WITHIN_MS);
      await world.ring();
      expect(world.told).toEqual([]);
      expect(world.keptKeys.filter((kept) => kept !== "watch:clock")).toEqual([]);
    }),
  );
});
