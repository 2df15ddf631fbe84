import { defineSettings, settingsTable } from "@kloros/daemon";
import fc from "fast-check";
import { expect, expectTypeOf, test } from "vitest";
import { didYouMean } from "../../src/settings/did-you-mean.ts";
import { formatBytes, formatMilliseconds, toBytes, toMilliseconds } from "../../src/settings/units.ts";

test("defaults are values in their unit, typed by the table", () => {
  const settings = defineSettings({
    max_bytes: { type: "bytes", default: "1MiB", description: "d" },
    settle: { type: "duration", default: "1.5s", description: "d" },
    ratio: { type: "number", default: 0.5, description: "d" },
    dry: { type: "boolean", default: false, description: "d" },
    mode: { type: "enum", values: ["fast", "safe"], default: "safe", description: "d" },
    folders: { type: "list", default: ["a"], description: "d" },
    command: { type: "string", default: null, description: "d" },
  });
  const config = settings.defaults();
  expect(config).toEqual({
    max_bytes: 1_048_576,
    settle: 1500,
    ratio: 0.5,
    dry: false,
    mode: "safe",
    folders: ["a"],
    command: null,
  });
  expectTypeOf(config.mode).toEqualTypeOf<"fast" | "safe">();
  expectTypeOf(config.command).toEqualTypeOf<string | null>();
  expectTypeOf(config.max_bytes).toEqualTypeOf<number>();
});

test.each([
  [{ maxBytes: { type: "bytes", default: 1, description: "d" } }, "snake_case"],
  [{ size: { type: "integer", default: 9, max: 8, description: "d" } }, "outside its own bounds"],
  [{ wait: { type: "duration", default: "9 lightyears", description: "d" } }, "no duration"],
] as const)("a table with a mistake of its author is refused (%#)", (table, message) => {
  expect(() => defineSettings(table)).toThrow(message);
});

test("amounts are written with the largest unit that says them exactly, and read back the same", () => {
  fc.assert(
    fc.property(fc.nat(2 ** 40), (amount) => {
      expect(toMilliseconds(formatMilliseconds(amount))).toBe(amount);
      expect(toBytes(formatBytes(amount))).toBe(amount);
    }),
  );
  expect([formatMilliseconds(90_000), formatMilliseconds(7_200_000), formatBytes(1_048_576)]).toEqual([
    "90s",
    "2h",
    "1MiB",
  ]);
  expect(["30", "-1s", "1 fortnight", "", "s", "1e3s"].map(toMilliseconds)).toEqual(Array(6).fill(undefined));
});

test("a typing error finds its word, a different word finds none", () => {
  const known = ["max_intent_bytes", "settle", "log_level"];
  expect(didYouMean("max_intend_byte", known)).toBe("max_intent_bytes");
  expect(didYouMean("loglevel", known)).toBe("log_level");
  expect(didYouMean("zebra", known)).toBeUndefined();
});

test("the README's table says default, bounds, meaning and variable of each setting", () => {
  const settings = defineSettings({
    max_intent_bytes: {
      type: "bytes",
      default: "1MiB",
      min: 1,
      max: "16MiB",
      description: "Largest intent | file.",
    },
    mode: { type: "enum", values: ["fast", "safe"], default: "safe", description: "How." },
  });
  expect(settingsTable(settings, "intent_router").split("\n").slice(2)).toEqual([
    "| `max_intent_bytes` | `1MiB` | an amount of bytes from 1B to 16MiB | Largest intent \\| file. | `KLOROS_INTENT_ROUTER_MAX_INTENT_BYTES` |",
    "| `mode` | `safe` | one of fast, safe | How. | `KLOROS_INTENT_ROUTER_MODE` |",
  ]);
});
