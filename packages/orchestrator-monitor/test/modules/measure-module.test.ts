import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { measureModule } from "../../src/modules/measure-module.ts";

async function workspaceWith(...files: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kloros-monitor-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), "");
  }
  return folder;
}

const at = (path: string, folder: string | null = null, py_files: number | null = null) => ({
  path,
  folder,
  py_files,
});

it("counts Python files where the entry or the import path say", async () => {
  const workspace = await workspaceWith(
    "src/audio/__init__.py",
    "src/audio/sub/b.py",
    "src/audio/node_modules/c.py",
    "lib/x/a.py",
    "src/solo.py",
  );
  expect(await measureModule(workspace, at("src.audio"))).toEqual({ py_files_count: 2, has_init: true });
  expect(await measureModule(workspace, at("audio"))).toEqual({ py_files_count: 2, has_init: true });
  expect(await measureModule(workspace, at("x", "lib/x"))).toEqual({ py_files_count: 1, has_init: false });
  expect(await measureModule(workspace, at("src.solo"))).toEqual({ py_files_count: 1, has_init: false });
});

it("does not look outside the workspace", async () => {
  const outside = await workspaceWith("a.py", "__init__.py");
  const workspace = await workspaceWith("src/a.py");
  await symlink(outside, join(workspace, "link"));
  for (const folder of ["link", outside, "../", "/etc"]) {
    expect(await measureModule(workspace, at("nowhere", folder, 7))).toEqual({
      py_files_count: 7,
      has_init: false,
    });
  }
  expect(await measureModule(join(workspace, "gone"), at("src"))).toEqual({
    py_files_count: 0,
    has_init: false,
  });
});
