/** What every way of searching is: it draws one genome after the other, and learns what became of them. */
import type { Origin } from "@kloros/experiments";
import type { Genome } from "./genome.ts";
import type { RandomSource } from "./random-source.ts";

/** A candidate to be. */
export interface Draft {
  readonly genome: Genome;
  readonly origin: Origin;
  /** Length of the steps that made it and that its children inherit, where the method has such a thing. */
  readonly step?: number;
}

/** A candidate that was tried. */
export interface Tried {
  readonly candidate_id: string;
  readonly genome: Genome;
  readonly step?: number;
  /** More is better, whatever the experiment's direction; null: it failed. */
  readonly score: number | null;
}

/** One that was tried and did not fail. */
export type Scored = Tried & { readonly score: number };

/** Draws a genome; `place` in the generation, from 0. Called again, with other chances, when that genome was had before. */
export type Draw = (random: RandomSource, place: number) => Draft;

/** Methods see ranks, never amounts: how much better a fitness is changes nothing. `Memory` is nothing but JSON. */
export interface Method<Memory> {
  begin(): Memory;
  drawing(memory: Memory): Draw;
  /** Learns from a whole generation, or from a part of one. */
  learn(memory: Memory, tried: readonly Tried[]): Memory;
}

/** Best first, equals in the order of their making; what failed is left out. */
export function ranked<T extends Tried>(tried: readonly T[]): (T & Scored)[] {
  return tried
    .filter((one): one is T & Scored => one.score !== null)
    .sort((a, b) => (a.score === b.score ? 0 : a.score < b.score ? 1 : -1));
}
