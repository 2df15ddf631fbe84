import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { ensureHome, FileError, HOME_FOLDERS, removeStaleTempFiles, writeFileAtomic } from "@kloros/bus";
import { expect, test } from "vitest";
import { IS_ROOT, smallDisk, tempFolder } from "./processes.ts";

test("a file is written 0600, keeps the mode it has, or gets the mode asked for", async () => {
  const path = join(tempFolder(), "a.json");
  await writeFileAtomic(path, "1");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  chmodSync(path, 0o664);
  await writeFileAtomic(path, "2");
  expect(statSync(path).mode & 0o777).toBe(0o664);
  await writeFileAtomic(path, Buffer.from("3"), { mode: 0o640 });
  expect(statSync(path).mode & 0o777).toBe(0o640);
  expect(readFileSync(path, "utf8")).toBe("3");
});

test("readers see the old content or the new, never a mixture or nothing", async () => {
  const path = join(tempFolder(), "a.json");
  const content = (letter: string) => letter.repeat(200_000);
  await writeFileAtomic(path, content("a"));
  let writing = true as boolean;
  const writer = (async () => {
    for (const letter of "bcdefghij") await writeFileAtomic(path, content(letter));
    writing = false;
  })();
  while (writing) {
    const seen = readFileSync(path, "utf8");
    expect(seen).toBe(content(seen[0] ?? ""));
    await new Promise(setImmediate);
  }
  await writer;
});

test("a symbolic link is replaced, its target is not touched", async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, "target"), "precious");
  symlinkSync(join(folder, "target"), join(folder, "link"));
  await writeFileAtomic(join(folder, "link"), "new");
  expect(readFileSync(join(folder, "target"), "utf8")).toBe("precious");
  expect(readFileSync(join(folder, "link"), "utf8")).toBe("new");
});

test.skipIf(!IS_ROOT)(
  "on a full disk the old content stays and no temporary file is left (SKIPPED unless root: needs a small disk)",
  async () => {
    const disk = smallDisk(64 * 1024);
    const path = join(disk.path, "a.json");
    await writeFileAtomic(path, "old");
    await expect(writeFileAtomic(path, "x".repeat(100_000))).rejects.toMatchObject({
      code: "E_FILE",
      errno: "ENOSPC",
    });
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(disk.path)).toEqual(["a.json"]);
    disk.makeReadOnly();
    await expect(writeFileAtomic(path, "new")).rejects.toMatchObject({ errno: "EROFS" });
  },
);

test("a folder that is missing is an error that names the file", async () => {
  const path = join(tempFolder(), "none", "a.json");
  await expect(writeFileAtomic(path, "x")).rejects.toThrow(`cannot write ${path}`);
});

test("temporary files of killed writers go after an hour, all other files stay", async () => {
  const folder = tempFolder();
  const names = [".a.json.1.00.kloros-tmp", ".b.json.1.00.kloros-tmp", ".hidden", "a.kloros-tmp"];
  for (const name of names) writeFileSync(join(folder, name), "");
  const old = new Date(Date.now() - 7_200_000);
  for (const name of names.filter((each) => !each.startsWith(".b"))) utimesSync(join(folder, name), old, old);
  expect(await removeStaleTempFiles(folder)).toBe(1);
  expect(readdirSync(folder).sort()).toEqual(names.slice(1).sort());
});

test("a home is created whole and private, by several at once, and again", async () => {
  const home = join(tempFolder(), "deep", "home");
  await Promise.all([ensureHome(home), ensureHome(home), ensureHome(home)]);
  for (const folder of HOME_FOLDERS) expect(statSync(join(home, folder)).mode & 0o777).toBe(0o700);
  chmodSync(join(home, "run"), 0o755);
  await ensureHome(home);
  expect(statSync(join(home, "run")).mode & 0o777).toBe(0o700);
});

test("a home that cannot be is refused with the reason", async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, "file"), "");
  await expect(ensureHome(join(folder, "file"))).rejects.toThrow(FileError);
  mkdirSync(join(folder, "home"));
  writeFileSync(join(folder, "home", "run"), "");
  await expect(ensureHome(join(folder, "home"))).rejects.toThrow(/home\/run/);
});
