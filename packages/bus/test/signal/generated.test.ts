import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../../../scripts/generate/catalogue.ts";
import { generatedFiles } from "../../../../scripts/generate/files.ts";
import { ROOT } from "../../../../scripts/generate/root.ts";
import { staleFiles } from "../../../../scripts/generate/stale-files.ts";

describe("what is generated", () => {
  it("is what schemas/ and the error classes say now; else run: npm run generate", async () => {
    const stale = staleFiles(await generatedFiles(readCatalogue()));
    expect(stale.map(({ file }) => relative(ROOT, file))).toEqual([]);
  });

  it("counts as stale when its text differs or the file is missing", () => {
    const dir = mkdtempSync(join(tmpdir(), "generated-"));
    const [fresh, changed, missing] = ["fresh.md", "changed.md", "missing.md"].map((name) => join(dir, name));
    writeFileSync(fresh!, "same\n");
    writeFileSync(changed!, "old\n");
    const files = [fresh!, changed!, missing!].map((file) => ({ file, text: "same\n" }));
    expect(staleFiles(files).map(({ file }) => file)).toEqual([changed, missing]);
    rmSync(dir, { recursive: true });
  });

  it("includes an AsyncAPI channel, and both sides of it, for every signal", async () => {
    const { contracts } = readCatalogue();
    const files = await generatedFiles(readCatalogue());
    const document = JSON.parse(files.find(({ file }) => file.endsWith("asyncapi.json"))!.text);
    expect(document.asyncapi).toBe("3.0.0");
    for (const { name } of contracts) {
      const actions = Object.values(
        document.operations as Record<string, { action: string; channel: { $ref: string } }>,
      )
        .filter(({ channel }) => channel.$ref === `#/channels/${name}`)
        .map(({ action }) => action);
      expect([name, new Set(actions)]).toEqual([name, new Set(["send", "receive"])]);
    }
  });
});
