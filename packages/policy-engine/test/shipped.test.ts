/** The shipped rules are valid. */
import { loadContracts } from "@kloros/bus";
import { problemLine } from "@kloros/checked-yaml";
import { expect, it } from "vitest";
import { readPolicyFile } from "../src/rules/policy-file.ts";

it("the shipped rules are valid under the shipped contracts", () => {
  const reading = readPolicyFile("/nonexistent", loadContracts());
  expect(reading.kind === "invalid" ? reading.problems.map(problemLine) : []).toEqual([]);
});
