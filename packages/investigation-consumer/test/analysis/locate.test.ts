import { mkdir, rename, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failure, found, look, tempTree } from "../temp-tree.ts";

const AUDIO = { "src/audio/__init__.py": "", "src/audio/stream.py": "def play(): pass\n" };

describe("where the module is", () => {
  it("takes the first evidence path that exists, absolute or relative to the workspace", async () => {
    const workspace = await tempTree(AUDIO);
    const relative = await found(workspace, { paths: ["src/ghost", "src/audio"] });
    const absolute = await found(workspace, { paths: [join(workspace, "src/audio")], module_name: "sound" });
    expect(relative.module).toMatchObject({
      name: "audio",
      relative_path: "src/audio",
      import_path: "src.audio",
    });
    expect(relative.notes).toMatchObject([{ kind: "path", path: "src/ghost" }]);
    expect(absolute.module).toMatchObject({ name: "sound", path: join(workspace, "src/audio") });
  });

  it("says that a path does not exist, and does not guess another module by name", async () => {
    const workspace = await tempTree(AUDIO);
    expect(await failure(workspace, { paths: ["src/ghost"], module_name: "audio" })).toBe("PathNotFound");
    expect(await failure(workspace, { paths: ["src/audio\0"] })).toBe("PathNotFound");
  });

  it("keeps to the workspace: no dots, no absolute path, no symbolic link leads out", async () => {
    const outside = await tempTree({ "secret/key.py": "KEY = 1\n" });
    const workspace = await tempTree(AUDIO);
    await symlink(join(outside, "secret"), join(workspace, "src/link"));
    await symlink(workspace, join(outside, "way-in"));
    expect(await failure(workspace, { paths: ["../../../../etc"] })).toBe("PathOutsideWorkspace");
    expect(await failure(workspace, { paths: [join(outside, "secret")] })).toBe("PathOutsideWorkspace");
    expect(await failure(workspace, { paths: [join(outside, "no-such-folder")] })).toBe(
      "PathOutsideWorkspace",
    );
    expect(await failure(workspace, { paths: ["src/link"] })).toBe("PathOutsideWorkspace");
    expect(await failure(workspace, { paths: [`${workspace}-sibling/x`] })).toBe("PathOutsideWorkspace");
    expect(
      (await found(workspace, { paths: [join(outside, "way-in/src/audio")] })).module.relative_path,
    ).toBe("src/audio");
  });

  it("finds a module by name: folders and files, dotted, either spelling, nearest to the root first", async () => {
    const workspace = await tempTree({
      ...AUDIO,
      "deep/er/audio/x.py": "a = 1\n",
      "web-tools/index.ts": "export const f = () => 1;\n",
      "lib/clock.py": "def tick(): pass\n",
      "docs/clock/readme.md": "no source",
      "node_modules/hidden/index.js": "exports.f = () => 1;\n",
    });
    const audio = await found(workspace, { module_name: "audio" });
    expect(audio.module.relative_path).toBe("src/audio");
    expect(audio.notes).toMatchObject([{ kind: "ambiguous", path: "deep/er/audio" }]);
    expect((await found(workspace, { module_name: "er.audio" })).module.relative_path).toBe("deep/er/audio");
    expect((await found(workspace, { module_name: "web_tools" })).module.relative_path).toBe("web-tools");
    expect((await found(workspace, { module_name: "clock" })).module.relative_path).toBe("lib/clock.py");
    expect((await found(workspace, { module_name: "clock.py" })).module.relative_path).toBe("lib/clock.py");
    expect(await failure(workspace, { module_name: "hidden" })).toBe("ModuleNotFound");
    expect(await failure(workspace, { module_name: "../../etc" })).toBe("ModuleNotFound");
    expect(await failure(workspace, { module_name: "..." })).toBe("ModuleNotFound");
  });

  it("sees a module that appeared, and one that moved, since it last looked", async () => {
    const workspace = await tempTree(AUDIO);
    expect((await found(workspace, { module_name: "audio" })).module.relative_path).toBe("src/audio");
    await mkdir(join(workspace, "lib"));
    await rename(join(workspace, "src/audio"), join(workspace, "lib/audio"));
    expect((await found(workspace, { module_name: "audio" })).module.relative_path).toBe("lib/audio");
  });

  it("says what it would have needed when the question names no module", async () => {
    const outcome = await look(await tempTree(AUDIO), {});
    expect(outcome).toMatchObject({ kind: "failed", error: { type: "NoModuleNamed" } });
    expect(outcome.kind === "failed" && outcome.error.message).toContain("path:");
  });

  it("says that the workspace is not there", async () => {
    expect(await failure("/nowhere/at/all", { paths: ["x"] })).toBe("WorkspaceUnreadable");
  });
});
