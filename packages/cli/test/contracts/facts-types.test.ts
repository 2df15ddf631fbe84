import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Contract, loadContracts } from "@kloros/bus";
import ts from "typescript";
import { describe, expect, it, onTestFinished } from "vitest";
import { factsTypes } from "../../src/contracts/facts-types.ts";

const SHIPPED = fileURLToPath(new URL("../../../bus/src/signal/generated/facts.ts", import.meta.url));

function contract(schema: Record<string, unknown>): Contract {
  return { ...loadContracts().get("Q_DREAM_TRIGGER")!, name: "Q_NOTE_TAKEN", description: "A note.", schema };
}

/** The type of one fact. */
function typeOf(fact: unknown, more: Record<string, unknown> = {}): string {
  const text = factsTypes(
    [contract({ type: "object", properties: { fact }, required: ["fact"], ...more })],
    "x",
  );
  return /^ {2}fact: ([\s\S]*?);\n(?: {2}\[k|\})/m.exec(text)?.[1] ?? text;
}

describe("types for users' signals", () => {
  it("say the same of every shipped contract as the library that makes the shipped types", () => {
    const contracts = loadContracts();
    const all = contracts.names.map((name) => contracts.get(name)!);
    const own = factsTypes(all, "schemas/").replace(/declare module [\s\S]*/, "");
    const pairs = [...own.matchAll(/Facts of `(Q_\w+)`.*\nexport (?:interface|type) (\w+)/g)];
    expect(pairs).toHaveLength(all.length);
    const same = pairs.map(
      ([, name, type], n) => `export const same${n}: Same<Shipped["${name!}"], ${type!}> = true;`,
    );
    const folder = mkdtempSync(join(tmpdir(), "facts-types-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "same.ts");
    writeFileSync(
      file,
      `import type { SignalFacts as Shipped } from "${SHIPPED}";
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
${own}
${same.join("\n")}
`,
    );
    const options = {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: [],
      allowImportingTsExtensions: true,
    };
    const program = ts.createProgram([file], {
      ...options,
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
    });
    const found = ts.getPreEmitDiagnostics(program);
    expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([]);
  });

  it("become part of SignalFacts", () => {
    const text = factsTypes(
      [contract({ type: "object", properties: {}, additionalProperties: false })],
      "contracts/",
    );
    expect(text).toContain("from contracts/. Do not edit.");
    expect(text).toContain(
      'declare module "@kloros/bus" {\n  interface SignalFacts {\n    Q_NOTE_TAKEN: NoteTakenFacts;',
    );
    expect(text).toContain("export type NoteTakenFacts = Record<string, never>;");
  });

  it.each([
    ["a literal", { const: "x" }, '"x"'],
    ["one of some", { enum: ["a", 1, null] }, '"a" | 1 | null'],
    ["several types", { type: ["integer", "null"] }, "number | null"],
    ["a list", { type: "array", items: { type: ["string", "number"] } }, "(string | number)[]"],
    ["a list of anything", { type: "array" }, "unknown[]"],
    ["a list with a shape", { type: "array", prefixItems: [{ type: "string" }], items: false }, "string[]"],
    [
      "a map",
      { type: "object", additionalProperties: { type: "number" } },
      "{\n    [k: string]: number;\n  }",
    ],
    [
      "alternatives",
      { oneOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] },
      "string | string[]",
    ],
    ["all at once", { allOf: [{ type: "string" }, { enum: ["a", "b"] }] }, 'string & ("a" | "b")'],
    ["never anything", false, "never"],
    ["whatever", {}, "unknown"],
  ])("spell out %s", (_what, fact, type) => {
    expect(typeOf(fact)).toBe(type);
  });

  it("follow references within the contract, and end where a schema refers to itself", () => {
    const $defs = { place: { type: "string" }, tree: { type: "array", items: { $ref: "#/$defs/tree" } } };
    expect(typeOf({ $ref: "#/$defs/place" }, { $defs })).toBe("string");
    expect(typeOf({ $ref: "#/$defs/tree" }, { $defs })).toMatch(/^unknown(\[\])+$/);
  });

  it("keep names that are no identifiers, and words that would end the comment", () => {
    const fact = {
      type: "object",
      properties: { "not-a-name": { type: "string", description: "Ends */ here." } },
    };
    expect(typeOf(fact)).toContain('/** Ends *\\/ here. */\n    "not-a-name"?: string;');
  });
});
