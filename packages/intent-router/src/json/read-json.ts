/**
 * A small strict JSON reader that loses nothing: number literals, key order, and the knowledge of every key that stood
 * twice. `JSON.parse` forgets all three. It accepts what RFC 8259 accepts and Python's `json.loads` reads the same way.
 *
 * It leaves out what bytes are (file-text.ts) and what the document means (../decide.ts).
 *
 * I1 No input recurses deeper than `MAX_DEPTH`: the reader refuses the next bracket before it enters it.
 * I2 What cannot be parsed is told apart from what was parsed and must be refused: only the former may be half-written.
 */
import { boundedProblems, pathText, quoted, type Problem } from "../problem.ts";
import { JsonNumber, type JsonValue } from "./json-value.ts";

/** Deepest nesting of arrays and objects. No honest intent comes near; a hostile one aims at the stack of some reader. */
export const MAX_DEPTH = 64;

/** Longest number literal, in characters: the number of digits beyond which Python itself refuses to read an integer. */
export const MAX_NUMBER_CHARS = 4300;

/** Keys that reach an object's prototype when a careless program copies them. */
const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** `unparsable`: the text is not JSON (yet). `refused`: it is, but must not be used. */
export type JsonReading =
  | { readonly kind: "value"; readonly value: JsonValue }
  | { readonly kind: "unparsable"; readonly problem: Problem }
  | { readonly kind: "refused"; readonly problems: readonly Problem[] };

/** Reads one JSON document; all refusals of a readable document at once. */
export function readJson(text: string): JsonReading {
  const reader = new Reader(text);
  try {
    const value = reader.document();
    return reader.problems.length === 0
      ? { kind: "value", value }
      : { kind: "refused", problems: boundedProblems(reader.problems) };
  } catch (stop) {
    if (stop instanceof TooDeep) return { kind: "refused", problems: [stop.problem] };
    if (stop instanceof Unparsable) return { kind: "unparsable", problem: stop.problem };
    throw stop;
  }
}

/* eslint-disable @typescript-eslint/only-throw-error -- the ways out below are caught in readJson; a stack would only cost */
/** Ways out of the recursion; they never leave this file. */
class Stop {
  readonly problem: Problem;
  constructor(problem: Problem) {
    this.problem = problem;
  }
}
class Unparsable extends Stop {}
class TooDeep extends Stop {}

const WHITESPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
// eslint-disable-next-line no-control-regex -- control characters are what a JSON string must not hold
const PLAIN_CHARS = /[^"\\\u0000-\u001f]*/y;
const WORD = /-?[A-Za-z]+/y;
const ESCAPED: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

class Reader {
  readonly problems: Problem[] = [];
  readonly #text: string;
  readonly #path: (string | number)[] = [];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonValue {
    const value = this.#value();
    this.#skip();
    if (this.#at < this.#text.length) throw this.#syntax("has more text after the end of the JSON document");
    return value;
  }

  #value(): JsonValue {
    this.#skip();
    switch (this.#text[this.#at]) {
      case "{":
        return this.#nested(() => this.#object());
      case "[":
        return this.#nested(() => this.#array());
      case '"':
        return this.#string();
      default:
        return this.#numberOrWord();
    }
  }

  /** I1 */
  #nested(read: () => JsonValue): JsonValue {
    if (this.#depth === MAX_DEPTH) {
      throw new TooDeep(this.#here(`is nested deeper than ${MAX_DEPTH} levels; flatten it`));
    }
    this.#depth += 1;
    this.#at += 1;
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #object(): JsonValue {
    const members = new Map<string, JsonValue>();
    this.#skip();
    if (this.#take("}")) return members;
    for (;;) {
      this.#skip();
      if (this.#text[this.#at] !== '"') throw this.#syntax("needs a key in double quotes");
      const key = this.#string();
      this.#path.push(key);
      if (PROTOTYPE_KEYS.has(key)) this.#refuse("is a key that could reach a prototype; rename it");
      if (members.has(key)) this.#refuse("stands twice in the same object; keep one");
      this.#skip();
      if (!this.#take(":")) throw this.#syntax(`needs a ":" after the key ${quoted(key)}`);
      members.set(key, this.#value());
      this.#path.pop();
      this.#skip();
      if (this.#take("}")) return members;
      if (!this.#take(",")) throw this.#syntax('needs "," or "}"');
    }
  }

  #array(): JsonValue {
    const items: JsonValue[] = [];
    this.#skip();
    if (this.#take("]")) return items;
    for (;;) {
      this.#path.push(items.length);
      items.push(this.#value());
      this.#path.pop();
      this.#skip();
      if (this.#take("]")) return items;
      if (!this.#take(",")) throw this.#syntax('needs "," or "]"');
    }
  }

  #string(): string {
    this.#at += 1;
    let value = "";
    for (;;) {
      value += this.#match(PLAIN_CHARS);
      const next = this.#text[this.#at];
      if (next === '"') {
        this.#at += 1;
        return value;
      }
      if (next !== "\\")
        throw this.#syntax("has a string that is not closed, or holds a raw control character");
      value += this.#escape();
    }
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? "";
    if (letter === "u") {
      const hex = this.#text.slice(this.#at + 2, this.#at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw this.#syntax("has a \\u escape without four hex digits");
      this.#at += 6;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    const char = ESCAPED[letter];
    if (char === undefined) throw this.#syntax("has an escape that JSON does not know");
    this.#at += 2;
    return char;
  }

  #numberOrWord(): JsonValue {
    const literal = this.#match(NUMBER);
    if (literal !== "") return this.#number(literal);
    const start = this.#at;
    const word = this.#match(WORD);
    if (word === "true") return true;
    if (word === "false") return false;
    if (word === "null") return null;
    if (/^(?:NaN|-?Infinity)$/.test(word)) {
      this.#refuse(`is ${word}, which is not JSON; write null or leave it out`);
      return null;
    }
    this.#at = start;
    throw this.#syntax("needs a value");
  }

  #number(literal: string): JsonNumber {
    if (literal.length > MAX_NUMBER_CHARS)
      this.#refuse(`is a number of more than ${MAX_NUMBER_CHARS} characters`);
    else if (!/^-?\d+$/.test(literal) && !Number.isFinite(Number(literal))) {
      this.#refuse(`is ${quoted(literal).slice(1, -1)}, which is beyond the range of a double`);
    }
    return new JsonNumber(literal);
  }

  #skip(): void {
    this.#match(WHITESPACE);
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #refuse(message: string): void {
    this.problems.push(this.#here(message));
  }

  #here(message: string): Problem {
    return { path: pathText(this.#path), message };
  }

  #syntax(message: string): Unparsable {
    const ended = this.#at >= this.#text.length;
    const before = this.#text.slice(0, this.#at);
    const line = before.split("\n").length;
    const column = this.#at - before.lastIndexOf("\n");
    const place = ended ? "ends too early" : `is not JSON at line ${line}, column ${column}`;
    return new Unparsable({ path: "", message: `${place}: it ${message}` });
  }
}
