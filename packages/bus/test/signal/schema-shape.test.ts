import { describe, expect, it } from "vitest";
import { compileSchema } from "../../src/signal/compile-validators.ts";
import { bareSchema, tolerantSchema } from "../../src/signal/schema-shape.ts";
import { problemsOf } from "../../src/signal/validator.ts";

const accepts = (schema: Record<string, unknown>, value: unknown) =>
  problemsOf(compileSchema(schema), value).length === 0;
const closed = (properties: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  type: "object",
  properties,
  additionalProperties: false,
  ...more,
});

describe("a tolerant schema", () => {
  it("accepts unknown members at every level, also in lists and references", () => {
    const point = closed({ x: { type: "number" } });
    const schema = closed(
      { points: { type: "array", items: { $ref: "#/$defs/point" } }, inner: closed({ deep: point }) },
      { $defs: { point } },
    );
    const facts = { points: [{ x: 1, y: 2 }], inner: { deep: { x: 1, z: 3 }, more: 1 }, extra: true };
    expect(accepts(schema, facts)).toBe(false);
    expect(accepts(tolerantSchema(schema), facts)).toBe(true);
    expect(accepts(tolerantSchema(schema), { ...facts, points: [{ x: "1" }] })).toBe(false);
  });

  it("keeps what additional members must look like when the contract says more than no", () => {
    const schema = { type: "object", additionalProperties: { type: "number" } };
    expect(accepts(tolerantSchema(schema), { a: "text" })).toBe(false);
  });

  it("accepts what both branches of a oneOf accept once they are open", () => {
    const schema = {
      oneOf: [closed({ a: { type: "number" } }), closed({ b: { type: "number" } }, { required: ["b"] })],
    };
    expect(accepts(schema, { b: 1 })).toBe(true);
    expect(accepts(tolerantSchema(schema), { b: 1 })).toBe(true);
  });

  it("does not refuse more because a condition was opened", () => {
    const schema = { type: "object", not: closed({ a: { type: "number" } }, { required: ["a"] }) };
    expect(accepts(schema, { a: 1, b: 2 })).toBe(true);
    expect(accepts(tolerantSchema(schema), { a: 1, b: 2 })).toBe(true);
  });

  it("leaves facts alone that are named like keywords", () => {
    const schema = closed(
      { additionalProperties: { const: false }, title: { type: "string" } },
      { required: ["title"] },
    );
    expect(accepts(tolerantSchema(schema), { additionalProperties: true, title: "x" })).toBe(false);
    expect(accepts(bareSchema(schema), { additionalProperties: false })).toBe(false);
  });
});
