/** A cursor over the nodes of a parsed document. What it accepts and how a mistake is worded is decided here alone. */
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair } from "yaml";
import { formatBytes, formatMilliseconds, toBytes, toMilliseconds } from "./amounts.ts";
import type { Cursor, Fields, Range, TextLimits, YamlScalar, YamlValue } from "./cursor.ts";
import { MapFields } from "./map-fields.ts";
import { memberPath } from "./member-path.ts";
import type { Place } from "./place.ts";
import type { Position } from "./reading.ts";
import { inRange, shown } from "./shown.ts";

/** Longest text where the reader names no limit, in characters. */
const MAX_TEXT_CHARACTERS = 10_000;

export class YamlCursor implements Cursor {
  readonly #place: Place;
  readonly #node: Node | null;
  readonly #position: Position;

  constructor(place: Place, node: Node | null) {
    this.#place = place;
    this.#node = isAlias(node) ? (node.resolve(place.reading.document) ?? null) : node;
    this.#position = place.reading.positionOf(node) ?? place.position;
  }

  get path(): string {
    return this.#place.path;
  }

  get problemCount(): number {
    return this.#place.reading.problemCount;
  }

  get line(): number {
    return this.#position.line;
  }

  get column(): number {
    return this.#position.column;
  }

  get kind(): Cursor["kind"] {
    if (isMap(this.#node)) return "map";
    if (isSeq(this.#node)) return "list";
    return isScalar(this.#node) && this.#node.value !== null ? "scalar" : "nothing";
  }

  map<T>(read: (fields: Fields) => T): T {
    const isMapping = isMap(this.#node);
    if (!isMapping) this.#wrong("a mapping of names to values");
    const place = { ...this.#place, position: this.#position, muted: this.#place.muted || !isMapping };
    const fields = new MapFields(place, pairsOf(this.#node), (at, node) => new YamlCursor(at, node));
    const value = read(fields);
    fields.reportUnknown();
    return value;
  }

  entries<T>(read: (key: Cursor, value: Cursor) => T): readonly T[] {
    if (!isMap(this.#node)) this.#wrong("a mapping of names to values");
    return pairsOf(this.#node).map(({ key, value }) => {
      const keyNode = key as Node;
      const position = this.#place.reading.positionOf(keyNode) ?? this.#position;
      const place = { ...this.#place, path: memberPath(this.path, String(plain(keyNode))), position };
      return read(new YamlCursor(place, keyNode), new YamlCursor(place, value as Node | null));
    });
  }

  list<T>(read: (item: Cursor, index: number) => T, range: Range = {}): readonly T[] {
    if (!isSeq(this.#node)) {
      this.#wrong("a list");
      return [];
    }
    const { items } = this.#node;
    if (items.length < (range.min ?? 0) || items.length > (range.max ?? Infinity)) {
      const length = range.min === 1 && items.length === 0 ? "must not be empty" : undefined;
      this.problem(length ?? `must be a list with a length${inRange(range)} (got ${items.length})`);
    }
    return items.map((item, index) => {
      const place = { ...this.#place, path: `${this.path}[${index}]`, position: this.#position };
      return read(new YamlCursor(place, item as Node | null), index);
    });
  }

  string(limits: TextLimits = {}): string {
    const { min = 1, max = MAX_TEXT_CHARACTERS, pattern, form } = limits;
    const value = this.#plain();
    if (typeof value !== "string") {
      const hint = typeof value === "number" || typeof value === "boolean" ? "; put it in quotes" : "";
      return this.#wrong(form ?? "a text", "", hint);
    }
    if (value.length < min)
      return this.#wrong(min === 1 ? "a text that is not empty" : `a text of at least ${min} characters`, "");
    if (value.length > max) return this.#wrong(`a text of at most ${max} characters`, "");
    if (pattern && !pattern.test(value))
      return this.#wrong(form ?? `a text that matches ${String(pattern)}`, "");
    return value;
  }

  integer(range: Range = {}): number {
    const value = this.#plain();
    const fits = typeof value === "number" && Number.isSafeInteger(value) && within(value, range);
    return fits ? value : this.#wrong(`a whole number${inRange(range)}`, standIn(range));
  }

  number(range: Range = {}): number {
    const value = this.#plain();
    const fits = typeof value === "number" && Number.isFinite(value) && within(value, range);
    return fits ? value : this.#wrong(`a number${inRange(range)}`, standIn(range));
  }

  boolean(): boolean {
    const value = this.#plain();
    return typeof value === "boolean" ? value : this.#wrong("true or false", false);
  }

  duration(range: Range = {}): number {
    const value = toMilliseconds(this.#plain());
    if (value !== undefined && within(value, range)) return value;
    const wanted = `a time span${inRange(range, formatMilliseconds)}, such as 500ms, 30s, 15m, 2h, 7d`;
    return this.#wrong(wanted, standIn(range));
  }

  bytes(range: Range = {}): number {
    const value = toBytes(this.#plain());
    if (value !== undefined && within(value, { min: 0, ...range })) return value;
    return this.#wrong(
      `an amount of bytes${inRange(range, formatBytes)}, such as 1048576, 512MiB, 2GB`,
      standIn(range),
    );
  }

  oneOf<const T extends YamlScalar>(values: readonly T[]): T {
    const value = this.#plain();
    const found = values.find((allowed) => allowed === value);
    if (found !== undefined) return found;
    return this.#wrong(`one of ${values.join(", ")}`, values[0] as T);
  }

  scalar(): YamlScalar {
    const value = this.#plain();
    if (typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    return this.#wrong("a text, a finite number, or true or false", "");
  }

  value(): YamlValue {
    if (isMap(this.#node)) {
      const members: Record<string, YamlValue> = Object.create(null) as Record<string, YamlValue>;
      this.entries((key, value) => {
        members[key.string({ min: 0 })] = value.value();
      });
      return members;
    }
    if (isSeq(this.#node)) return this.list((item) => item.value());
    return this.kind === "nothing" ? null : this.scalar();
  }

  problem(message: string): void {
    if (!this.#place.muted) this.#place.reading.report(this.#position, this.path, message);
  }

  /** The scalar here, or undefined. */
  #plain(): unknown {
    return isScalar(this.#node) ? plain(this.#node) : undefined;
  }

  #wrong(wanted: string): void;
  #wrong<T>(wanted: string, instead: T, hint?: string): T;
  #wrong<T>(wanted: string, instead?: T, hint = ""): T | undefined {
    const got = isMap(this.#node) ? "a mapping" : isSeq(this.#node) ? "a list" : shown(this.#plain());
    this.problem(`must be ${wanted} (got ${got})${hint}`);
    return instead;
  }
}

function pairsOf(node: Node | null): readonly Pair[] {
  return isMap(node) ? node.items : [];
}

function plain(node: Node | null): unknown {
  return isScalar(node) ? node.value : undefined;
}

function within(value: number, { min = -Infinity, max = Infinity }: Range): boolean {
  return value >= min && value <= max;
}

function standIn({ min, max }: Range): number {
  return min ?? Math.min(0, max ?? 0);
}
