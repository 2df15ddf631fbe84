/**
 * Reading the members of an intent, every problem noted with its path. A member that is `null` counts as left out:
 * Python writers print `None` so.
 */
import { JsonNumber, toPlain, typeName, type JsonObject, type JsonValue } from "../json/json-value.ts";
import { pathText, quoted, type Problem } from "../problem.ts";

export class Members {
  readonly #object: JsonObject;
  readonly #prefix: readonly string[];
  readonly #problems: Problem[];

  /** `prefix` is where the object stands in the document; problems are added to `problems`. */
  constructor(object: JsonObject, prefix: readonly string[], problems: Problem[]) {
    this.#object = object;
    this.#prefix = prefix;
    this.#problems = problems;
  }

  get(name: string): JsonValue | undefined {
    return this.#object.get(name) ?? undefined;
  }

  path(name: string): string {
    return pathText([...this.#prefix, name]);
  }

  refuse(name: string, message: string): undefined {
    this.#problems.push({ path: this.path(name), message });
  }

  text(name: string): string | undefined {
    const value = this.get(name);
    if (value === undefined || typeof value === "string") return value;
    return this.refuse(name, `must be a string (got ${typeName(value)})`);
  }

  /** `what` finishes the sentence "is required: …". */
  requiredText(name: string, what: string): string | undefined {
    const value = this.get(name);
    if (value === undefined) return this.refuse(name, `is required: ${what}`);
    if (typeof value !== "string")
      return this.refuse(name, `must be a string, ${what} (got ${typeName(value)})`);
    return value.trim() === "" ? this.refuse(name, `must not be empty: ${what}`) : value;
  }

  textOrNumber(name: string): string | number | undefined {
    const value = this.get(name);
    if (value instanceof JsonNumber) return toPlain(value) as string | number;
    if (value === undefined || typeof value === "string") return value;
    return this.refuse(name, `must be a string or a number (got ${typeName(value)})`);
  }

  texts(name: string): string[] | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value))
      return this.refuse(name, `must be an array of strings (got ${typeName(value)})`);
    const items = value as readonly JsonValue[];
    items.forEach((item, index) => {
      if (typeof item === "string") return;
      const path = pathText([...this.#prefix, name, index]);
      this.#problems.push({ path, message: `must be a string (got ${typeName(item)})` });
    });
    return items.filter((item) => typeof item === "string");
  }

  /** Every member with a value whose name is not among `known`. */
  others(known: ReadonlySet<string>): [string, JsonValue][] {
    return [...this.#object].filter(([name]) => !known.has(name));
  }

  refuseOthers(known: ReadonlySet<string>, what: string): void {
    for (const [name] of this.others(known)) {
      this.refuse(name, `is no member of ${what}; known are ${[...known].map(quoted).join(", ")}`);
    }
  }
}
