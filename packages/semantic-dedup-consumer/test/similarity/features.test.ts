import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bandsOf, findingFeatures, findingSimilarity } from "../../src/similarity/finding-features.ts";
import { questionFeatures } from "../../src/similarity/question-features.ts";
import { stem } from "../../src/similarity/stem.ts";
import { wordsOf } from "../../src/similarity/words.ts";

describe("words", () => {
  it.each([
    ["audioMixer", "audio mixer"],
    ["audio_mixer", "audio mixer"],
    ["HTTPServer", "http server"],
    ["src/audio/mixer.py", "src audio mixer"],
    ["kloros.memory.short-term", "kloros memory short term"],
    ["doesn't work", "does not work"],
    ["the module's tests.", "the module tests"],
    ["größeÄndern", "größe ändern"],
    ["", ""],
  ])("%s", (text, words) => {
    expect(
      wordsOf(text)
        .map((word) => word.text)
        .join(" "),
    ).toBe(words);
  });

  it("one identifier in any style is one identifier", () => {
    const styles = [
      "audioMixer",
      "AudioMixer",
      "audio_mixer",
      "audio-mixer",
      "audio.mixer",
      "audio/mixer.ts",
    ];
    expect(new Set(styles.map((style) => wordsOf(style)[0]?.identifier))).toEqual(new Set(["audiomixer"]));
  });
});

it.each([
  ["tests tested testing", 1],
  ["entries entry", 1],
  ["retries retried retry", 1],
  ["running runs run", 1],
  ["initialise initialised initialized initializing", 1],
  ["mixer player", 2],
  ["bus buses", 2],
])("the stems of %s are %i", (words, count) => {
  expect(new Set(words.split(" ").map(stem)).size).toBeLessThanOrEqual(count);
});

it("negation, direction and intent are told apart", () => {
  expect(questionFeatures("Which modules are untested?").isNegated).toBe(true);
  expect(questionFeatures("What is not broken?").isNegated).toBe(false);
  expect(questionFeatures("Who calls flush_buffer?").intent).toEqual(["call:in"]);
  expect(questionFeatures("What does flush_buffer call?").intent).toEqual(["call:out"]);
  expect(questionFeatures("Why is it slow?").intent).toEqual(["cause", "speed"]);
});

describe("findings", () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{4,9}$/), { minLength: 30, maxLength: 60 });

  it("that share most of their names share a band, almost always", () => {
    let missed = 0;
    let tried = 0;
    fc.assert(
      fc.property(names, (all) => {
        const a = findingFeatures(all);
        const b = findingFeatures(all.slice(Math.floor(all.length / 20)));
        const bands = new Set(bandsOf(a));
        tried++;
        if (!bandsOf(b).some((band) => bands.has(band))) missed++;
        expect(findingSimilarity(a, b)).toBeGreaterThan(0.8);
      }),
      { numRuns: 300 },
    );
    expect(missed / tried).toBeLessThan(0.01);
  });

  it("that are empty are like nothing, and equal ones are 1 alike", () => {
    const one = findingFeatures(["play_sound", "stopSound"]);
    expect(findingSimilarity(one, findingFeatures(["stop_sound playSound"]))).toBe(1);
    expect(findingSimilarity(one, findingFeatures([]))).toBe(0);
    expect(findingSimilarity(findingFeatures([]), findingFeatures([]))).toBe(0);
    expect(bandsOf(findingFeatures([]))).toEqual([]);
  });
});
