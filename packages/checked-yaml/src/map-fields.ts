/** The fields of one mapping: what was asked for is known, whatever else stands there is reported. */
import { isScalar, type Node, type Pair } from "yaml";
import type { Cursor, Fields } from "./cursor.ts";
import { didYouMean } from "./did-you-mean.ts";
import { memberPath } from "./member-path.ts";
import type { Place } from "./place.ts";

export type MakeCursor = (place: Place, node: Node | null) => Cursor;

export class MapFields implements Fields {
  readonly #place: Place;
  readonly #pairs: ReadonlyMap<string, Pair>;
  readonly #makeCursor: MakeCursor;
  readonly #known = new Set<string>();

  constructor(place: Place, pairs: readonly Pair[], makeCursor: MakeCursor) {
    this.#place = place;
    this.#pairs = new Map(pairs.map((pair) => [keyOf(pair), pair]));
    this.#makeCursor = makeCursor;
  }

  get path(): string {
    return this.#place.path;
  }

  get problemCount(): number {
    return this.#place.reading.problemCount;
  }

  get line(): number {
    return this.#place.position.line;
  }

  get column(): number {
    return this.#place.position.column;
  }

  optional(key: string): Cursor | undefined {
    const cursor = this.#find(key);
    return cursor?.kind === "nothing" ? undefined : cursor;
  }

  required(key: string): Cursor {
    const cursor = this.#find(key);
    if (cursor) return cursor;
    this.problem(`lacks ${key}, which must be given`);
    return this.#makeCursor({ ...this.#place, path: memberPath(this.path, key), muted: true }, null);
  }

  allow(...keys: readonly string[]): void {
    for (const key of keys) this.#known.add(key);
  }

  problem(message: string): void {
    if (!this.#place.muted) this.#place.reading.report(this.#place.position, this.path, message);
  }

  reportUnknown(): void {
    if (this.#place.muted) return;
    const missing = [...this.#known].filter((key) => !this.#pairs.has(key));
    for (const [key, pair] of this.#pairs) {
      if (this.#known.has(key)) continue;
      const meant = didYouMean(key, missing);
      const remedy =
        meant === undefined
          ? `remove it, or use one of ${[...this.#known].join(", ")}`
          : `did you mean ${meant}?`;
      const position = this.#place.reading.positionOf(pair.key as Node) ?? this.#place.position;
      this.#place.reading.report(position, memberPath(this.path, key), `is not known here; ${remedy}`);
    }
  }

  #find(key: string): Cursor | undefined {
    this.#known.add(key);
    const pair = this.#pairs.get(key);
    if (!pair) return undefined;
    const position = this.#place.reading.positionOf(pair.key as Node) ?? this.#place.position;
    return this.#makeCursor(
      { ...this.#place, path: memberPath(this.path, key), position },
      (pair.value ?? null) as Node | null,
    );
  }
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : String(key);
}
