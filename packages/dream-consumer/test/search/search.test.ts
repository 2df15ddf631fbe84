import { canonicalParams, type Params, paramsProblems } from "@kloros/experiments";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SearchState } from "../../src/search/engine.ts";
import { searchEngine } from "../../src/search/search.ts";
import { pointsOf, runSearch } from "./run-search.ts";
import {
  anyAlgorithm,
  anyOptions,
  anySpace,
  choice,
  fitnessOf,
  flag,
  given,
  MUTATORS,
  optionsFor,
  real,
  SELECTOR,
  spaceOf,
  whole,
} from "./spaces.ts";

/** Runs of each property: each is a whole search. */
fc.configureGlobal({ numRuns: 40 });

const viaJson = (state: SearchState) => JSON.parse(JSON.stringify(state)) as SearchState;
const text = (params: Params) => JSON.stringify(params);

describe("every search", () => {
  it("proposes only points of the space, in the order of the space", () => {
    fc.assert(
      fc.property(anyOptions, (options) => {
        for (const params of pointsOf(runSearch(options, fitnessOf))) {
          expect(paramsProblems(options.space, params)).toEqual([]);
          expect(text(params)).toBe(text(canonicalParams(options.space, params)));
          expect(JSON.parse(text(params))).toEqual(params);
        }
      }),
    );
  });

  it("proposes no point twice, and never more than there is room for", () => {
    fc.assert(
      fc.property(anyOptions, fc.integer({ min: 1, max: 60 }), (options, room) => {
        const points = pointsOf(runSearch(options, fitnessOf, { room, generations: 100 })).map(text);
        expect(new Set(points).size).toBe(points.length);
        expect(points.length).toBeLessThanOrEqual(room);
      }),
    );
  });

  it("gives the same candidates for the same seed, whatever writes its state down in between", () => {
    fc.assert(
      fc.property(anyOptions, (options) => {
        const told = runSearch(options, fitnessOf).map(({ proposals }) => proposals);
        const resumed = runSearch(options, fitnessOf, { kept: viaJson }).map(({ proposals }) => proposals);
        expect(resumed).toEqual(told);
      }),
    );
  });

  it("keeps a state that is nothing but JSON", () => {
    fc.assert(
      fc.property(anyOptions, (options) => {
        for (const { state } of runSearch(options, fitnessOf)) expect(viaJson(state)).toEqual(state);
      }),
    );
  });

  it("leaves the state that it was given as it was", () => {
    fc.assert(
      fc.property(anyOptions, (options) => {
        const [round] = runSearch(options, fitnessOf, { generations: 1 });
        const before = JSON.stringify(round!.state);
        const { proposals, state } = searchEngine.ask(options, round!.state, 5);
        const asked = JSON.stringify(state);
        const outcomes = proposals.map(({ params }, i) => ({ candidate_id: `d${i}`, params, fitness: i }));
        searchEngine.tell(options, state, outcomes);
        expect([JSON.stringify(round!.state), JSON.stringify(state)]).toEqual([before, asked]);
      }),
    );
  });

  it("sees only the order of fitness: any growing function of it leads to the same candidates", () => {
    fc.assert(
      fc.property(anyOptions, (options) => {
        const bent = (params: Params) => {
          const fitness = fitnessOf(params);
          return fitness === null ? null : Math.exp(fitness / 10) - 1e3;
        };
        expect(pointsOf(runSearch(options, bent))).toEqual(pointsOf(runSearch(options, fitnessOf)));
      }),
    );
  });

  it("looks for small fitness as it looks for large fitness turned around", () => {
    fc.assert(
      fc.property(anyOptions, (options) => {
        const turned = (params: Params) => {
          const fitness = fitnessOf(params);
          return fitness === null ? null : -fitness;
        };
        const up = runSearch({ ...options, direction: "up" }, fitnessOf);
        const down = runSearch({ ...options, direction: "down" }, turned);
        expect(pointsOf(down)).toEqual(pointsOf(up));
      }),
    );
  });

  it("tries starts first, exactly as they are, also when the room is smaller than they are many", () => {
    const space = spaceOf({ x: real(0, 1), n: whole(1, 9), mode: choice("a", "b") });
    const params = [0.1 + 0.2, 1 / 3, 0.7].map((x, i) => ({ x, n: i + 1, mode: "b" }));
    const origin = (i: number) => ({ kind: "promotion" as const, parents: [], promotion: `p${i}.json` });
    const starts = params.map((point, i) => ({ params: point, origin: origin(i) }));
    const options = optionsFor(space, { starts });
    const generous = searchEngine.ask(options, searchEngine.begin(options), 200);
    expect(generous.proposals.slice(0, 3).map(({ params, origin }) => ({ params, origin }))).toEqual(starts);
    expect(generous.proposals).toHaveLength(SELECTOR.population);

    const narrow = searchEngine.ask(options, searchEngine.begin(options), 2);
    expect(narrow.proposals.map(({ params }) => params)).toEqual(params.slice(0, 2));
    const [third] = searchEngine.ask(options, narrow.state, 200).proposals;
    expect(third!.params).toEqual(params[2]);
  });

  it("tries equal starts once, and all of them in generation 0 however many they are", () => {
    const space = spaceOf({ n: whole(1, 1000) });
    const origin = { kind: "promotion" as const, parents: [] };
    const starts = Array.from({ length: 60 }, (_, i) => ({ params: { n: 1 + (i % 30) }, origin }));
    const options = optionsFor(space, { starts });
    const { proposals } = searchEngine.ask(options, searchEngine.begin(options), 200);
    const values = proposals.map(({ params }) => params["n"]);
    expect(values.slice(0, 30)).toEqual(Array.from({ length: 30 }, (_, i) => 1 + i));
    expect(new Set(values).size).toBe(values.length);
  });

  it("gives each candidate a seed of its own from 0 to 2^31-1", () => {
    const rounds = runSearch(optionsFor(spaceOf({ x: real(0, 1) })), fitnessOf, { generations: 20 });
    const seeds = rounds.flatMap(({ proposals }) => proposals.map(({ seed }) => seed));
    expect(new Set(seeds).size).toBe(seeds.length);
    for (const seed of seeds) expect(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31).toBe(true);
  });

  it("goes on when all candidates failed, or fail from some generation on", () => {
    fc.assert(
      fc.property(anySpace, anyAlgorithm, fc.nat(40), (space, algorithm, successes) => {
        let calls = 0;
        const failing = () => (calls++ < successes ? calls : null);
        const options = optionsFor(space, { mutators: { ...MUTATORS, algorithm } });
        const rounds = runSearch(options, failing, { generations: 12 });
        expect(rounds.at(-1)!.exhausted || rounds.length === 12).toBe(true);
      }),
    );
  });

  it("goes on when every candidate is as good as every other", () => {
    fc.assert(
      fc.property(anySpace, anyAlgorithm, (space, algorithm) => {
        const options = optionsFor(space, { mutators: { ...MUTATORS, algorithm } });
        const rounds = runSearch(options, () => 1, { generations: 12 });
        expect(rounds.at(-1)!.exhausted || rounds.length === 12).toBe(true);
      }),
    );
  });

  it("takes a fitness that is no number for a failure", () => {
    const options = optionsFor(spaceOf({ x: real(0, 1), mode: choice("a", "b") }));
    const failed = runSearch(options, (params) => (params["mode"] === "a" ? null : 1));
    const infinite = runSearch(options, (params) => (params["mode"] === "a" ? Infinity : 1));
    expect(pointsOf(infinite)).toEqual(pointsOf(failed));
  });

  it("learns from a generation that was cut short, and from points that nobody asked for", () => {
    fc.assert(
      fc.property(anyOptions, (options) => {
        const asked = searchEngine.ask(options, searchEngine.begin(options), 100);
        const foreign = searchEngine.ask({ ...options, seed: 77 }, searchEngine.begin(options), 1).proposals;
        const outcomes = [...asked.proposals.slice(1), ...foreign].map(({ params }, i) => {
          return { candidate_id: `c${i}`, params, fitness: i };
        });
        const state = searchEngine.tell(options, asked.state, outcomes);
        for (const { params } of searchEngine.ask(options, state, 20).proposals)
          expect(paramsProblems(options.space, params)).toEqual([]);
      }),
    );
  });

  it("works one candidate at a time", () => {
    const options = optionsFor(spaceOf({ x: real(0, 1), mode: choice("a", "b") }), {
      selector: { ...SELECTOR, population: 1 },
    });
    const rounds = runSearch(options, ({ x }) => -Math.abs(Number(x) - 0.5), { generations: 150 });
    const last = pointsOf(rounds).slice(-30);
    expect(last.some(({ x }) => Math.abs(Number(x) - 0.5) < 0.01)).toBe(true);
  });
});

describe("a space that can be counted", () => {
  const small = spaceOf({
    mode: choice("a", "b", "c"),
    isOn: flag,
    level: given(whole(1, 3), { param: "mode", values: ["b", "c"] }),
    deep: given(choice("x", "y"), { param: "level", values: [3] }),
  });
  // a: 1, b and c: level 1, 2 and two of level 3; each on and off.
  const points = 2 * (1 + 4 + 4);

  it.each(["auto", "evolution", "cma_es", "random"] as const)(
    "is tried out to the last point by %s",
    (algorithm) => {
      const options = optionsFor(small, { mutators: { ...MUTATORS, algorithm } });
      const rounds = runSearch(options, fitnessOf, { generations: 100 });
      expect(new Set(pointsOf(rounds).map(text)).size).toBe(points);
      expect(rounds.at(-1)!.exhausted).toBe(true);
      expect(rounds.slice(0, -1).some(({ exhausted }) => exhausted)).toBe(false);
    },
  );

  it("is known to be exhausted with its last point, and gives nothing more", () => {
    const options = optionsFor(spaceOf({ isOn: flag, only: choice("this") }));
    const first = searchEngine.ask(options, searchEngine.begin(options), 1);
    expect([first.proposals.length, first.exhausted]).toEqual([1, false]);
    const second = searchEngine.ask(options, first.state, 1);
    expect([second.proposals.length, second.exhausted]).toEqual([1, true]);
    const third = searchEngine.ask(options, second.state, 1);
    expect([third.proposals.length, third.exhausted]).toEqual([0, true]);
  });

  it("may have a single point", () => {
    const single = spaceOf({ only: choice(1), n: whole(3, 3), x: real(0.5, 0.5) });
    for (const algorithm of ["auto", "evolution", "cma_es", "random"] as const) {
      const options = optionsFor(single, { mutators: { ...MUTATORS, algorithm } });
      const { proposals, exhausted } = searchEngine.ask(options, searchEngine.begin(options), 10);
      expect(proposals.map(({ params }) => params)).toEqual([{ only: 1, n: 3, x: 0.5 }]);
      expect(exhausted).toBe(true);
    }
  });
});

describe("the state", () => {
  it.each(["evolution", "cma_es"] as const)("of %s stays below a megabyte in large searches", (algorithm) => {
    const space = spaceOf(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`x${i}`, real(0, 1)])));
    const selector = { ...SELECTOR, population: 10_000, survivors: 5_000 };
    const options = optionsFor(space, { selector, mutators: { ...MUTATORS, algorithm } });
    const rounds = runSearch(options, fitnessOf, { generations: 5 });
    expect(pointsOf(rounds).length).toBeGreaterThan(3_000);
    for (const { state } of rounds) expect(JSON.stringify(state).length).toBeLessThan(1_000_000);
  });
});
