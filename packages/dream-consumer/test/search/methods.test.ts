import type { Params, SearchSpace } from "@kloros/experiments";
import { describe, expect, it } from "vitest";
import { lowest, pointsOf, runSearch } from "./run-search.ts";
import { choice, given, MUTATORS, optionsFor, real, SELECTOR, spaceOf, whole } from "./spaces.ts";

const cube: SearchSpace = spaceOf(
  Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`x${i}`, real(-5, 5)])),
);
const sum = (params: Params, term: (x: number, i: number) => number) =>
  Object.values(params).reduce<number>((total, value, i) => total + term(Number(value), i), 0);
const off = (params: Params) => sum(params, (x, i) => (x - i + 2.5) ** 2);
/** A narrow valley across all axes. */
const valley = (params: Params) => {
  const x = Object.values(params).map(Number);
  return x.slice(1).reduce((total, next, i) => total + 100 * (next - x[i]! ** 2) ** 2 + (1 - x[i]!) ** 2, 0);
};
const down = (algorithm: "evolution" | "cma_es", space: SearchSpace = cube) =>
  optionsFor(space, { direction: "down", mutators: { ...MUTATORS, algorithm } });

describe("CMA-ES", () => {
  it("finds the bottom of a bowl to a hundred-thousandth of the range", () => {
    expect(lowest(runSearch(down("cma_es"), off, { generations: 100 }), off)).toBeLessThan(1e-7);
  });

  it("follows a narrow bent valley, which takes learning how parameters depend on each other", () => {
    // It has a second end, where a run may finish.
    const ends = [1, 2, 3].map((seed) => {
      return lowest(runSearch({ ...down("cma_es"), seed }, valley, { generations: 200 }), valley);
    });
    expect(Math.min(...ends)).toBeLessThan(1e-3);
  });

  it("finds an optimum in a corner of the range", () => {
    const corner = (params: Params) => sum(params, (x, i) => (i % 2 === 0 ? 5 - x : x + 5));
    expect(lowest(runSearch(down("cma_es"), corner, { generations: 60 }), corner)).toBe(0);
  });

  it("finds whole numbers, and does not get stuck on a step", () => {
    const space = spaceOf(Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`n${i}`, whole(0, 50)])));
    const target = (params: Params) => sum(params, (n, i) => (n - 6 * i) ** 2);
    expect(lowest(runSearch(down("cma_es", space), target, { generations: 60 }), target)).toBe(0);
  });

  it("opens anew when it has closed in, and so leaves a trap", () => {
    // A wide bowl around 4 that ends at 1, and a narrow one around -4 that ends at 0.
    const trap = (params: Params) => {
      const [x, y] = [Number(params["x"]), Number(params["y"])];
      return Math.min(1 + (x - 4) ** 2 + (y - 4) ** 2, 10 * ((x + 4) ** 2 + (y + 4) ** 2));
    };
    const space = spaceOf({ x: real(-5, 5), y: real(-5, 5) });
    const found = [1, 2, 3, 4, 5, 6].map((seed) => {
      const rounds = runSearch({ ...down("cma_es", space), seed }, trap, { generations: 400 });
      return { early: lowest(rounds.slice(0, 20), trap) < 0.9, late: lowest(rounds, trap) < 0.01 };
    });
    expect(found.filter(({ early }) => early).length).toBeLessThan(3);
    expect(found.filter(({ late }) => late).length).toBeGreaterThan(3);
  });

  it("stays out of where candidates fail", () => {
    const edge = (params: Params) => (sum(params, (x) => x) > 0 ? null : off(params));
    const last = pointsOf(runSearch(down("cma_es"), edge, { generations: 60 })).slice(-60);
    expect(last.filter((params) => edge(params) === null).length).toBeLessThan(45);
    expect(Math.min(...last.map((params) => edge(params) ?? Infinity))).toBeLessThan(1e-3);
  });

  it("searches spaces with values that have no order, too", () => {
    const space = spaceOf({ mode: choice("a", "b", "c", "d"), x: real(0, 1), y: real(0, 1) });
    const cost = (params: Params) =>
      (params["mode"] === "c" ? 0 : 0.5) +
      (Number(params["x"]) - 0.3) ** 2 +
      (Number(params["y"]) - 0.9) ** 2;
    expect(lowest(runSearch(down("cma_es", space), cost, { generations: 40 }), cost)).toBeLessThan(1e-4);
  });
});

describe("evolution", () => {
  it("finds the bottom of a bowl, with steps that shrink", () => {
    expect(lowest(runSearch(down("evolution"), off, { generations: 100 }), off)).toBeLessThan(1e-3);
  });

  it("finds the best of several branches, each with parameters of its own", () => {
    const branch = (mode: string) => given(real(0, 1), { param: "mode", values: [mode] });
    const space = spaceOf({ mode: choice("a", "b", "c"), p: branch("a"), q: branch("b"), r: branch("c") });
    const cost = ({ mode, p, q, r }: Params) => {
      if (mode === "a") return 0.3 + (Number(p) - 0.5) ** 2;
      return mode === "b" ? 0.2 + (Number(q) - 0.5) ** 2 : 20 * (Number(r) - 0.123) ** 2;
    };
    expect(lowest(runSearch(down("evolution", space), cost, { generations: 30 }), cost)).toBeLessThan(0.01);
  });

  it("has parents that were tried and did not fail", () => {
    const failed = new Set<string>();
    const tried = new Set<string>();
    const space = spaceOf({ x: real(0, 1), mode: choice("a", "b") });
    let number = 0;
    const fitness = ({ x }: Params) => {
      const id = `c${number++}`;
      tried.add(id);
      if (Number(x) < 0.5) failed.add(id);
      return failed.has(id) ? null : Number(x) - 9; // All below zero, which a failure is not either.
    };
    const rounds = runSearch(optionsFor(space), fitness, { generations: 15 });
    const parents = rounds.flatMap(({ proposals }) => proposals.flatMap(({ origin }) => origin.parents));
    expect(parents.length).toBeGreaterThan(100);
    for (const parent of parents) expect(tried.has(parent) && !failed.has(parent)).toBe(true);
  });

  it("draws fresh blood in each generation, as many as asked for", () => {
    const selector = { ...SELECTOR, fresh_inject: 4 };
    const options = { ...optionsFor(spaceOf({ x: real(0, 1), mode: choice("a", "b") })), selector };
    const rounds = runSearch(options, ({ x }) => Number(x), { generations: 6 });
    const fresh = rounds.map(
      ({ proposals }) => proposals.filter(({ origin }) => origin.kind === "random").length,
    );
    expect(fresh).toEqual([12, 4, 4, 4, 4, 4]);
  });

  it("says where each candidate comes from", () => {
    const rounds = runSearch(optionsFor(spaceOf({ x: real(0, 1), mode: choice("a", "b") })), ({ x }) =>
      Number(x),
    );
    const kinds = new Set(rounds.flatMap(({ proposals }) => proposals.map(({ origin }) => origin.kind)));
    expect(kinds).toEqual(new Set(["random", "mutation", "crossover"]));
  });
});

describe("auto", () => {
  it("takes CMA-ES where every parameter has an order, evolution where one has none or does not always exist", () => {
    const kindsIn = (space: SearchSpace) =>
      new Set(
        runSearch(optionsFor(space), () => Math.PI, { generations: 4 })[2]!.proposals.map(
          ({ origin }) => origin.kind,
        ),
      );
    expect(kindsIn(spaceOf({ x: real(0, 1), n: whole(1, 99), size: choice(16, 32, 64) }))).toContain("model");
    expect(kindsIn(spaceOf({ x: real(0, 1), mode: choice("a", "b") }))).toContain("mutation");
    const size = choice(16, 32, 64);
    const spaceWithCondition = spaceOf({
      size,
      x: given(real(0, 1), { param: "size", values: [16, 32] }),
      y: real(0, 1),
    });
    expect(kindsIn(spaceWithCondition)).toContain("mutation");
  });
});
