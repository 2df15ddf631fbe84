import { expect, test } from "vitest";
import { parseDreamFile } from "@kloros/experiments";
import { chooseExperiment } from "../../src/decide/choose-experiment.ts";

const REST = "search_space: {x: [1]}, evaluator: {command: [r]}";
const parsed = parseDreamFile(
  `experiments:
  - {name: off, enabled: false, topics: [quiet], ${REST}}
  - {name: on, topics: [loud], ${REST}}`,
  "dream.yaml",
);
if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.problems));
const file = parsed.value;

test.each([
  [{ experiment: null, topic: null }, "on"],
  [{ experiment: null, topic: "loud" }, "on"],
  [{ experiment: null, topic: "on" }, "on"],
  [{ experiment: "on", topic: "quiet" }, "on"],
  [{ experiment: "off", topic: null }, "off"],
])("%j means %s", (trigger, name) => {
  expect(chooseExperiment(file, trigger)).toMatchObject({ kind: "chosen", experiment: { name } });
});

test.each([
  [{ experiment: null, topic: "off" }, "switched off"],
  [{ experiment: null, topic: "quiet" }, "no experiment in dream_lab/dream.yaml means topic"],
  [{ experiment: "nonsense", topic: null }, 'is called "nonsense"; enabled are on'],
  [{ experiment: "loud", topic: null }, 'is called "loud"'],
])("%j means nothing", (trigger, words) => {
  const choice = chooseExperiment(file, trigger);
  expect(choice).toMatchObject({ kind: "refused", failure: { error_type: "NoExperiment" } });
  expect(JSON.stringify(choice)).toContain(JSON.stringify(words).slice(1, -1));
});
