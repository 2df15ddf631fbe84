import { expect, it } from "vitest";
import { findingFeatures } from "../../src/similarity/finding-features.ts";
import { questionFeatures } from "../../src/similarity/question-features.ts";
import { type Indexed, SimilarityIndex } from "../../src/similarity/similarity-index.ts";

const indexed = (question: string, ...findings: string[]): Indexed => ({
  question: questionFeatures(question),
  finding: findingFeatures(findings),
});
const liked = (index: SimilarityIndex, wanted: Indexed) =>
  index
    .like("", wanted)
    .filter(({ question, finding }) => question >= 0.75 || (finding ?? 0) >= 0.8)
    .map(({ question_id }) => question_id)
    .sort();

it("finds what asks the same and what found the same, until it is replaced or deleted", () => {
  const index = new SimilarityIndex();
  const names = Array.from(
    { length: 20 },
    (_, n) => `capability_${"abcdefghijklmnopqrstuvwxyz".slice(n, n + 5)}`,
  );
  index.put("audio", indexed("What does the audio module do?", ...names));
  index.put("same finding", indexed("Who wrote the mixer?", ...names));
  index.put("same finding too", indexed("Where is the flanger?", ...names));
  index.put("video", indexed("What does the video module do?", "other"));
  const wanted = indexed("What is the purpose of module audio?", ...names);
  expect(liked(index, wanted)).toEqual(["audio", "same finding", "same finding too"]);
  expect(index.like("audio", wanted).map(({ question_id }) => question_id)).not.toContain("audio");
  index.put("audio", indexed("Is there a test?", "nothing"));
  index.delete("same finding");
  index.delete("never was");
  expect(liked(index, wanted)).toEqual(["same finding too"]);
  expect(index.size).toBe(3);
  for (const id of ["audio", "same finding too", "video"]) index.delete(id);
  expect(index.like("", wanted)).toEqual([]);
});

it("finds the one that asks the same among thousands that share its words", () => {
  const index = new SimilarityIndex();
  for (let n = 0; n < 5_000; n++) index.put(`q${n}`, indexed(`What does audio_mixer_${n} do?`));
  expect(liked(index, indexed("What is the purpose of audioMixer4711?"))).toEqual(["q4711"]);
  expect(index.like("", indexed("What does audio_mixer do?")).length).toBeLessThanOrEqual(250);
});
