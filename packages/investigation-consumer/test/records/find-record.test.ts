import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { findRecord } from "../../src/records/find-record.ts";

const MEBIBYTE = 1024 * 1024;
const never = new AbortController().signal;

async function fileOf(lines: readonly object[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kic-find-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "records.jsonl");
  await writeFile(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return path;
}

it("finds a record wherever its line stands, also across the edges of what is read at once", async () => {
  for (const before of [0, MEBIBYTE - 45, MEBIBYTE - 30, MEBIBYTE - 25, 2 * MEBIBYTE + 7]) {
    const path = await fileOf([
      { investigation_id: "inv_a", padding: "x".repeat(before) },
      { investigation_id: "inv_b", question: 'mentions "inv_c" and inv_c' },
      { note: "inv_c" },
      { investigation_id: "inv_c", n: before },
      { investigation_id: "inv_d" },
    ]);
    expect(await findRecord(["/nowhere", path], "inv_c", never)).toEqual({
      investigation_id: "inv_c",
      n: before,
    });
    expect(await findRecord([path], "inv_d", never)).toEqual({ investigation_id: "inv_d" });
    expect(await findRecord([path], "inv_", never)).toBeUndefined();
  }
});
