/**
 * A place in a YAML file, for whoever turns the file into what it means. A reading never throws: what is wrong is
 * reported with its path and line, and a harmless stand-in is returned, so that one pass finds every mistake.
 */

/** A scalar of YAML's core schema; numbers are finite. */
export type YamlScalar = string | number | boolean;
/** A value without positions. Mappings have no prototype, so that no key of a file means anything to JavaScript. */
export type YamlValue = YamlScalar | null | readonly YamlValue[] | { readonly [key: string]: YamlValue };

export interface TextLimits {
  /** In characters; default 1: an empty text is a forgotten one. */
  readonly min?: number;
  /** In characters; default 10,000. */
  readonly max?: number;
  readonly pattern?: RegExp;
  /** `pattern` in words, for the message: `a name of a-z, 0-9, _ and -`. */
  readonly form?: string;
}

/** Both ends are allowed. */
export interface Range {
  readonly min?: number;
  readonly max?: number;
}

export interface Cursor {
  /** `experiments[0].name`; `""` at the root. */
  readonly path: string;
  /** Counted from 1, as `column`. */
  readonly line: number;
  readonly column: number;
  /** Problems reported in the file so far: tells whether a part of it was read without any. */
  readonly problemCount: number;
  /** `nothing`: left empty, or `null`. */
  readonly kind: "map" | "list" | "scalar" | "nothing";

  /** Reads a mapping with known keys. Every key that `read` did not ask for is reported, with the one probably meant. */
  map<T>(read: (fields: Fields) => T): T;
  /** Reads a mapping with free keys, in the order of the file. */
  entries<T>(read: (key: Cursor, value: Cursor) => T): readonly T[];
  /** Reads a list; `range` is of its length. */
  list<T>(read: (item: Cursor, index: number) => T, range?: Range): readonly T[];

  string(limits?: TextLimits): string;
  integer(range?: Range): number;
  number(range?: Range): number;
  boolean(): boolean;
  /** A time span with its unit (`500ms`, `30s`, `15m`, `2h`, `7d`), in milliseconds; so is the range. */
  duration(range?: Range): number;
  /** An amount of bytes (`1048576`, `512MiB`, `2GB`); so is the range. */
  bytes(range?: Range): number;
  oneOf<const T extends YamlScalar>(values: readonly T[]): T;
  /** Any text, number, or true/false. */
  scalar(): YamlScalar;
  /** Whatever stands here. */
  value(): YamlValue;

  /** Reports that something is wrong here. `message` reads on from the path: `must be below max (got 7)`. */
  problem(message: string): void;
}

/** The fields of a mapping with known keys. */
export interface Fields {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly problemCount: number;
  /** Undefined when it is not there, or left empty. */
  optional(key: string): Cursor | undefined;
  /** Reports a key that is not there at the mapping's own place. */
  required(key: string): Cursor;
  /** These keys are right here, though nothing reads them. */
  allow(...keys: readonly string[]): void;
  /** Reports that something is wrong with the mapping as a whole. */
  problem(message: string): void;
}
