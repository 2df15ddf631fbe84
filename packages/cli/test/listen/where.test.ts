import { expect, test } from "vitest";
import { toCloudEvent } from "@kloros/bus";
import { compileWhere } from "../../src/listen/where.ts";
import { envelope } from "../envelopes.ts";

const one = envelope("a", {
  facts: { count: 4, confidence: 0.7, topic: "audio", list: [1, 2] },
  seq: 9,
  priority: "high",
});

test.each([
  ["facts.count + 1 > 4", true],
  ["facts.confidence > 0.5 && facts.topic.startsWith('au')", true],
  ["priority in ['high', 'critical'] && seq == 9", true],
  ["facts.missing == 1", false],
  ["has(facts.missing)", false],
  ["size(facts.list) == 2 && causation_id == null", true],
  ["signal == 'Q_TEST_DONE' && source == 'other'", false],
])("%s is %s", (expression, expected) => {
  expect(compileWhere(expression)(one)).toBe(expected);
});

test.each([
  ["facts.", "Expected IDENTIFIER"],
  ["fact.count > 1", "Unknown variable"],
  ["signal", "must say yes or no"],
])("%s is refused with the reason", (expression, reason) => {
  expect(() => compileWhere(expression)).toThrow(reason);
});

test("an envelope maps to CloudEvents one to one", () => {
  expect(toCloudEvent(one)).toMatchObject({
    specversion: "1.0",
    type: "Q_TEST_DONE",
    id: "a",
    time: one.timestamp,
    source: "intent_router",
    data: one.facts,
    correlationid: "story",
    sequence: "0000000000000009",
  });
  expect(toCloudEvent(one)).not.toHaveProperty("causationid");
});
