import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { dreamFilePath, readDreamFile } from "@kloros/experiments";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "kloros-dream-file-"));
  await mkdir(join(home, "dream_lab"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

it("a home without the file has none", async () => {
  expect(await readDreamFile(home)).toEqual({ kind: "missing" });
  expect(await readDreamFile(join(home, "nowhere"))).toEqual({ kind: "missing" });
});

it("the file comes with its text", async () => {
  await writeFile(dreamFilePath(home), "run: {seed: 9}");
  expect(await readDreamFile(home)).toMatchObject({
    kind: "ok",
    text: "run: {seed: 9}",
    file: { run: { seed: 9 } },
  });
});

it("what cannot be read is a problem, not an exception", async () => {
  await mkdir(dreamFilePath(home));
  const folder = await readDreamFile(home);
  expect(folder).toMatchObject({ kind: "invalid", problems: [{ file: "dream.yaml", line: 1 }] });
  await rm(dreamFilePath(home), { recursive: true });
  await symlink("dream.yaml", dreamFilePath(home));
  expect((await readDreamFile(home)).kind).toBe("invalid");
  await rm(dreamFilePath(home));
  await writeFile(dreamFilePath(home), `#${"x".repeat(1024 * 1024)}`);
  expect((await readDreamFile(home)).kind).toBe("invalid");
});
