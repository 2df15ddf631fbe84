import { appendFile, rename, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { InvestigationLog } from "../../src/records/investigation-log.ts";
import { tempFolder } from "../temp-home.ts";

const NAME = "curiosity_investigations.jsonl";
const line = (id: string, more = {}) =>
  `${JSON.stringify({ investigation_id: id, question_id: `q_${id}`, ...more })}\n`;

it("finds a record that is appended after others were read", async () => {
  const path = join(await tempFolder(), NAME);
  const log = new InvestigationLog(path);
  expect(await log.find("a")).toBeUndefined();
  await appendFile(path, line("a") + line("b"));
  expect(await log.find("b")).toMatchObject({ investigation_id: "b" });
  await appendFile(path, line("c"));
  expect(await log.find("c")).toMatchObject({ investigation_id: "c" });
  expect(await log.find("a")).toMatchObject({ investigation_id: "a" });
});

it("skips and counts lines that are no records, and waits for a line that is not whole yet", async () => {
  const path = join(await tempFolder(), NAME);
  const whole = line("torn");
  await writeFile(path, `${line("a")}garbage {\n[]\n\u0000\n${line("b")}${whole.slice(0, 20)}`);
  const log = new InvestigationLog(path);
  expect(await log.find("b")).toMatchObject({ investigation_id: "b" });
  expect(await log.find("torn")).toBeUndefined();
  expect(log.skippedLines).toBe(3);
  await appendFile(path, whole.slice(20) + line("c"));
  expect(await log.find("torn")).toMatchObject({ investigation_id: "torn" });
  expect(await log.find("c")).toMatchObject({ investigation_id: "c" });
  expect(log.skippedLines).toBe(3);
});

it("finds records of the file that was rotated away, also of a rotation that it did not see", async () => {
  const folder = await tempFolder();
  const path = join(folder, NAME);
  await writeFile(path, line("a"));
  const log = new InvestigationLog(path);
  await log.find("a");
  await appendFile(path, line("late"));
  await writeFile(join(folder, "curiosity_investigations.20240101T000000.jsonl"), line("ancient"));
  await rename(path, join(folder, "curiosity_investigations.20250101T000000.jsonl"));
  await writeFile(path, line("b"));
  for (const id of ["b", "late", "a"]) expect(await log.find(id)).toMatchObject({ investigation_id: id });
  expect(await log.find("ancient")).toBeUndefined();
  expect(await new InvestigationLog(path).find("late")).toMatchObject({ investigation_id: "late" });
});

it("reads a file anew that was cut short", async () => {
  const path = join(await tempFolder(), NAME);
  await writeFile(path, line("a") + line("b"));
  const log = new InvestigationLog(path);
  await log.find("b");
  await truncate(path, 0);
  await appendFile(path, line("c"));
  expect(await log.find("c")).toMatchObject({ investigation_id: "c" });
  expect(await log.find("b")).toBeUndefined();
});

it("finds the newest record of a question", async () => {
  const path = join(await tempFolder(), NAME);
  await writeFile(path, line("a", { question_id: "q" }) + line("b", { question_id: "q" }) + line("c"));
  expect(await new InvestigationLog(path).findByQuestion("q")).toMatchObject({ investigation_id: "b" });
});

it("answers many questions at once, each with its record", async () => {
  const path = join(await tempFolder(), NAME);
  const ids = Array.from({ length: 200 }, (_, index) => `inv_${index}`);
  await writeFile(path, ids.map((id) => line(id)).join(""));
  const log = new InvestigationLog(path);
  const found = await Promise.all(ids.map((id) => log.find(id)));
  expect(found.map((record) => (record as { investigation_id: string }).investigation_id)).toEqual(ids);
});
