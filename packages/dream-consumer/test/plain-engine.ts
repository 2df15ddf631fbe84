/** A search as simple as can be: the starts, then lots; what it draws depends on nothing but what it was told. */
import type { Params, ParamValue, SearchSpace } from "@kloros/experiments";
import type { Proposal, SearchEngine, SearchOptions } from "../src/search/engine.ts";

interface State {
  readonly lot: number;
  readonly startsUsed: number;
  readonly tried: readonly string[];
}

export const plainEngine: SearchEngine = {
  begin: ({ seed }) => ({ lot: seed, startsUsed: 0, tried: [] }),
  ask: (options, state, room) => {
    let { lot, startsUsed } = state as unknown as State;
    const tried = [...(state as unknown as State).tried];
    const proposals: Proposal[] = [];
    const wanted = Math.min(room, options.selector.population);
    for (let misses = 0; proposals.length < wanted && misses < 200;) {
      const start = options.starts[startsUsed];
      lot = (Math.imul(lot, 1_664_525) + 1_013_904_223) >>> 0;
      const origin = start?.origin ?? { kind: "random" as const, parents: [] };
      const params = start?.params ?? draw(options.space, lot);
      if (start !== undefined) startsUsed++;
      const text = JSON.stringify(params);
      if (tried.includes(text)) misses++;
      else {
        tried.push(text);
        proposals.push({ params, origin, seed: lot % 2 ** 31 });
      }
    }
    return { state: { lot, startsUsed, tried }, proposals, exhausted: tried.length >= sizeOf(options) };
  },
  tell: (_options, state, outcomes) => ({ ...state, told: outcomes.length }),
};

function draw(space: SearchSpace, lot: number): Params {
  const params: Record<string, ParamValue> = {};
  let rest = lot;
  for (const [name, dimension] of space) {
    rest = (Math.imul(rest, 22_695_477) + 1) >>> 0;
    const share = rest / 2 ** 32;
    if (dimension.type === "bool") params[name] = share < 0.5;
    else if (dimension.type === "choice")
      params[name] = dimension.values[Math.floor(share * dimension.values.length)]!;
    else {
      const value = dimension.min + share * (dimension.max - dimension.min);
      params[name] = dimension.type === "int" ? Math.round(value) : value;
    }
  }
  return params;
}

function sizeOf({ space }: SearchOptions): number {
  let size = 1;
  for (const dimension of space.values()) {
    if (dimension.type === "choice") size *= dimension.values.length;
    else if (dimension.type === "bool") size *= 2;
    else if (dimension.type === "int") size *= dimension.max - dimension.min + 1;
    else return Infinity;
  }
  return size;
}
