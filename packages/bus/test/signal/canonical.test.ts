import fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalJson, sameContent } from "../../src/signal/canonical.ts";

it("the order of members does not change what a value is", () => {
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([key, member]) => [key, shuffled(member)] as const);
    return Object.fromEntries(entries.reverse());
  };
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(sameContent(value, shuffled(value))).toBe(true);
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

it("values that differ in a member, an item or the order of items are different", () => {
  expect(sameContent({ a: 1 }, { a: 2 })).toBe(false);
  expect(sameContent({ a: 1 }, { a: 1, b: null })).toBe(false);
  expect(sameContent([1, 2], [2, 1])).toBe(false);
  expect(sameContent({ a: "1" }, { a: 1 })).toBe(false);
});

it("a member that JSON leaves out is not there", () => {
  expect(sameContent({ a: 1, b: undefined }, { a: 1 })).toBe(true);
});

it("a member named __proto__ is a member like any other", () => {
  expect(sameContent(JSON.parse('{"__proto__":1}'), {})).toBe(false);
});
