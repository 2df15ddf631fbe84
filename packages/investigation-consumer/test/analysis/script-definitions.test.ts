import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { ParsedSource } from "../../src/analysis/findings.ts";
import { parseSource } from "../../src/analysis/parse-source.ts";
import { type Dialect, isGenerated, sourceKindOf } from "../../src/analysis/source-language.ts";
import { type Definition, scriptTruth } from "./script-truth.ts";

const INSTALLED = join(dirname(fileURLToPath(import.meta.url)), "../../../../node_modules");
/** Plain JavaScript, compiled JavaScript, TypeScript, declarations; ESM and CommonJS. */
const PACKAGES = "ajv yaml pino commander lmdb zeromq fast-check vitest semver acorn vite".split(" ");
const MAX_FILE_BYTES = 300_000;

describe("TypeScript and JavaScript, compared with TypeScript's compiler", () => {
  it.each(PACKAGES)("finds exactly the functions, classes, methods and imports of %s", async (name) => {
    let compared = 0;
    for (const file of sourcesUnder(join(INSTALLED, name))) {
      const text = readFileSync(file, "utf8");
      const truth = scriptTruth(file, text);
      const parsed = await parse(sourceKindOf(file)!.dialect, text);
      if (truth.errors > 0) continue; // Not even the compiler reads it.
      expect(definitionsOf(parsed), file).toEqual(sorted(truth.definitions));
      expect(
        parsed.imports.map((each) => each.specifier),
        file,
      ).toEqual(expect.arrayContaining(truth.imports));
      compared += truth.definitions.length;
    }
    expect(compared).toBeGreaterThan(10);
  });
});

async function parse(dialect: Dialect, text: string): Promise<ParsedSource> {
  const parsed = await parseSource(dialect, text);
  if (parsed === null) throw new Error("the parser gave up");
  return parsed;
}

function definitionsOf(parsed: ParsedSource): Definition[] {
  const found: Definition[] = parsed.functions.map((each) => ["def", each.name, each.line]);
  for (const each of parsed.classes) {
    found.push(["class", each.name, each.line]);
    for (const method of each.methods) found.push(["def", `${each.name}.${method.name}`, method.line]);
  }
  return sorted(found);
}

function sorted(definitions: Definition[]): Definition[] {
  return definitions.toSorted((a, b) => a[2] - b[2] || (`${a[0]} ${a[1]}` < `${b[0]} ${b[1]}` ? -1 : 1));
}

function sourcesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => sourceKindOf(file) && !isGenerated(file) && !file.includes("node_modules/"))
    .map((file) => join(folder, file))
    .filter((file) => statSync(file).isFile() && statSync(file).size < MAX_FILE_BYTES);
}
