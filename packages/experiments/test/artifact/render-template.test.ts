import fc from "fast-check";
import { expect, it } from "vitest";
import { renderTemplate } from "../../src/artifact/render-template.ts";

it("puts values in the place of names", () => {
  expect(renderTemplate("a={{ a }}\nb: {{b}}{{b}} {x}", { a: 1.5, b: true })).toEqual({
    kind: "rendered",
    text: "a=1.5\nb: truetrue {x}",
  });
});

it("tells every unknown name and every leftover, with its line", () => {
  expect(renderTemplate("{{a}}\n{{nope}}\n}} x\n{{ never", { a: 1 })).toEqual({
    kind: "problems",
    problems: [
      "line 2: {{nope}} is no parameter of this candidate (it has a)",
      "line 3: }} without {{ before it",
      "line 4: {{ is never closed by }}",
    ],
  });
  expect(renderTemplate("{{constructor}}", {}).kind).toBe("problems");
});

it("braces in a value are text, and a text without braces stays byte for byte", () => {
  expect(renderTemplate("{{a}}", { a: "{{b}} $& }}" })).toEqual({ kind: "rendered", text: "{{b}} $& }}" });
  fc.assert(
    fc.property(fc.string(), (text) => {
      if (/\{\{|\}\}/.test(text)) return;
      expect(renderTemplate(text, {})).toEqual({ kind: "rendered", text });
    }),
  );
});
