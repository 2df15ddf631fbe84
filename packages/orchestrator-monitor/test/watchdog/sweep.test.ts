import { expect, it } from "vitest";
import { MAX_REMEMBERED_MATTERS } from "../../src/watchdog/limits.ts";
import { WITHIN_MS, World } from "./world.ts";

const DAY = 86_400_000;

it("what timed out and what came early is forgotten after a week", async () => {
  const world = new World();
  world.ask("timed out");
  world.ask("early");
  world.answer("early");
  world.hear("answers", 1);
  world.hear("asks", 1);
  world.pass(WITHIN_MS);
  await world.ring();
  expect(world.remembered).toBe(2);
  world.pass(6 * DAY);
  await world.sweep();
  expect(world.remembered).toBe(2);
  world.pass(2 * DAY);
  await world.sweep();
  expect(world.remembered).toBe(0);
});

it("at most so many matters are remembered; the oldest go first", async () => {
  const world = new World();
  const more = 5;
  for (let n = 0; n < MAX_REMEMBERED_MATTERS + more; n++) {
    world.ask(`q${n}`);
    world.answer(`q${n}`);
  }
  world.hear("answers", Infinity);
  expect(world.remembered).toBe(MAX_REMEMBERED_MATTERS + more);
  await world.sweep();
  expect(world.remembered).toBe(MAX_REMEMBERED_MATTERS);
  world.hear("asks", Infinity);
  expect(world.remembered).toBe(0);
  world.pass(WITHIN_MS);
  await world.ring();
  expect(world.told.map(({ key }) => key).sort()).toEqual(["q0", "q1", "q2", "q3", "q4"]);
});
