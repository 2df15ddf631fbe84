import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { Journal } from "../../src/journal/journal.ts";

const COMMITTER = fileURLToPath(new URL("children/commit-steadily.mjs", import.meta.url));
/** Without the gate one commit in some hundred was lost by then. */
const OPENINGS = 600;

it("loses no acknowledged commit while other processes open and close it to look inside", async () => {
  const folder = await mkdtemp(join(tmpdir(), "kloros-openings-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "journal");
  const writer = spawn(process.execPath, [COMMITTER, path], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void writer.kill("SIGKILL"));
  const lines: string[] = [];
  const output = createInterface({ input: writer.stdout });
  output.on("line", (line) => lines.push(line));
  await once(output, "line");
  for (let opened = 0; opened < OPENINGS; opened++) {
    const view = new Journal(path, { readOnly: true, newEpoch: () => "" });
    await view.close();
  }
  writer.stdin.end();
  await once(output, "close");

  const committed = Number(lines.at(-1));
  expect(committed).toBeGreaterThan(20);
  const journal = new Journal(path, { readOnly: true, newEpoch: () => "" });
  const held = new Set(
    [...journal.blocksFrom(1)].map((reading) => reading.kind === "block" && reading.block.first),
  );
  const lost = Array.from({ length: committed }, (_, index) => index + 1).filter((seq) => !held.has(seq));
  expect(lost).toEqual([]);
  expect(journal.heads.last).toBe(committed);
  await journal.close();
});
