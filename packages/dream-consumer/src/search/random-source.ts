/**
 * The search's only source of chance: sfc32 (Chris Doty-Humphrey's "small fast counting" generator, PractRand), 128 bits of state,
 * period at least 2^32. Its state is four words, so that a search that was interrupted goes on with the numbers it would have drawn.
 */

/** Four unsigned 32-bit words. */
export type RandomState = readonly [number, number, number, number];

/** Rounds that mix a seed before the first number is used, as its author recommends. */
const WARM_UP_ROUNDS = 12;
const TWO_POW_32 = 2 ** 32;
const TWO_POW_53 = 2 ** 53;

export class RandomSource {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(state: RandomState) {
    [this.#a, this.#b, this.#c, this.#counter] = state;
  }

  /** A source of its own for each seed (any integer below 2^53). */
  static seeded(seed: number): RandomSource {
    const source = new RandomSource([0, seed >>> 0, Math.floor(seed / TWO_POW_32) >>> 0, 1]);
    for (let round = 0; round < WARM_UP_ROUNDS; round++) source.#word();
    return source;
  }

  get state(): RandomState {
    return [this.#a, this.#b, this.#c, this.#counter];
  }

  /** A real number from 0 up to, not including, 1; 53 bits. */
  uniform(): number {
    return ((this.#word() >>> 11) * TWO_POW_32 + this.#word()) / TWO_POW_53;
  }

  /** A whole number from 0 to `below` - 1. */
  whole(below: number): number {
    return Math.min(below - 1, Math.floor(this.uniform() * below));
  }

  /** A number of the normal distribution with mean 0 and standard deviation 1 (Box and Muller; the second number is not kept). */
  gaussian(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** True with this chance, 0 to 1. */
  chance(share: number): boolean {
    return this.uniform() < share;
  }

  /** For what a candidate draws by itself: 0 to 2^31-1. */
  seed(): number {
    return this.#word() >>> 1;
  }

  #word(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) >>> 0;
    this.#a = (this.#b ^ (this.#b >>> 9)) >>> 0;
    this.#b = (this.#c + (this.#c << 3)) >>> 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) >>> 0;
    return sum >>> 0;
  }
}
