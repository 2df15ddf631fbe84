import { expect, it } from "vitest";
import { accept } from "../../src/decide.ts";

const rule = (min_improvement = 0, target_direction: "up" | "down" = "up") => ({
  acceptance: { repeats: 5, max_p_value: 0.05, min_improvement },
  metrics: { target_direction },
});

it.each([
  ["a better median", [6, 7, 8], [5, 5, 5], rule(), "done"],
  ["a better median within the noise", [4, 6, 9], [3, 5, 8], rule(), "done"],
  ["the same", [5, 5], [5, 5], rule(), "failed"],
  ["a worse median", [4, 4], [5, 5], rule(), "failed"],
  ["a smaller improvement than asked for", [5.5], [5], rule(1), "failed"],
  ["less where less is better", [4], [5], rule(0, "down"), "done"],
  ["more where less is better", [6], [5], rule(0, "down"), "failed"],
  ["nothing to compare with", [1], [], rule(), "done"],
  ["what runs cannot be measured", [1], [null, null], rule(), "done"],
  ["what runs can be measured now and then", [1], [null, 2], rule(), "failed"],
] as const)("%s", (_name, winner, running, experiment, kind) => {
  expect(accept({ winner, running }, experiment).kind).toBe(kind);
});
