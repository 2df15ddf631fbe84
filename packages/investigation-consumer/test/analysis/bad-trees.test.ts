import { execFileSync } from "node:child_process";
import { mkdir, symlink, truncate } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failure, found, LIMITS, look, tempTree } from "../temp-tree.ts";

const GOOD = { "m/good.py": '"""Good."""\ndef works(a: int) -> int:\n    return a\n' };

describe("trees in which something is wrong", () => {
  it("uses what stands around a syntax error, names its line, and is less sure", async () => {
    const clean = await found(await tempTree(GOOD), { paths: ["m"] });
    const workspace = await tempTree({
      ...GOOD,
      "m/bad.py": "def first(): pass\n\nclass (:\n",
      "m/bad.ts": "export function half( {\n",
    });
    const outcome = await found(workspace, { paths: ["m"] });
    expect(outcome.module.broken_files_count).toBe(2);
    const bad = outcome.module.files.find((file) => file.path === "bad.py");
    expect(bad?.syntax_errors[0]?.line).toBe(3);
    expect(outcome.capabilities).toEqual(expect.arrayContaining(["works", "first"]));
    expect(outcome.confidence).toBeLessThan(clean.confidence);
  });

  it("follows no symbolic link: not in circles, not out of the module", async () => {
    const workspace = await tempTree({ ...GOOD, "other/o.py": "def other(): pass\n" });
    await mkdir(join(workspace, "m/sub"));
    await symlink("..", join(workspace, "m/sub/loop"));
    await symlink("itself", join(workspace, "m/itself"));
    await symlink("../other", join(workspace, "m/out"));
    await symlink("/etc/passwd", join(workspace, "m/passwd.py"));
    const outcome = await found(workspace, { paths: ["m"] });
    expect(outcome.module.files.map((file) => file.path)).toEqual(["good.py"]);
    expect(outcome.notes.filter((note) => note.kind === "symlink")).toHaveLength(4);
    expect(await failure(workspace, { paths: ["m/itself"] })).toBe("UnreadableTree");
  });

  it("skips and notes files that are too large, binary, minified, or no files", async () => {
    const workspace = await tempTree({
      ...GOOD,
      "m/huge.py": "",
      "m/binary.py": Buffer.from([1, 0, 2, 0]),
      "m/lib.min.js": "x",
    });
    await truncate(join(workspace, "m/huge.py"), 2 ** 30);
    execFileSync("mkfifo", [join(workspace, "m/pipe.py")]);
    const outcome = await found(workspace, { paths: ["m"] });
    expect(outcome.module.files.map((file) => file.path)).toEqual(["good.py"]);
    expect(outcome.module.skipped_files_count).toBe(2);
    expect(outcome.notes.map((note) => [note.kind, note.path])).toEqual(
      expect.arrayContaining([
        ["too-large", "huge.py"],
        ["binary", "binary.py"],
        ["generated", "lib.min.js"],
        ["not-a-file", "pipe.py"],
      ]),
    );
  });

  it("reads the encodings that Python knows, and notes text that is in none", async () => {
    const workspace = await tempTree({
      "m/latin.py": Buffer.from("# -*- coding: latin-1 -*-\ndef gr\xfc\xdfe(): pass\n", "latin1"),
      "m/bom.py": "\uFEFFdef bom(): pass\n",
      "m/second.py": Buffer.from(
        "#!/usr/bin/python\n# vim: set fileencoding=cp1251 :\ndef \xef\xf0(): pass\n",
        "latin1",
      ),
      "m/invalid.py": Buffer.from("def fine(): pass\nNAME = '\xff\xfe'\n", "latin1"),
      "m/unknown.py": "# coding: klingon\ndef unknown(): pass\n",
      "m/mac.py": "def one(): pass\rdef two(): pass\r",
      "m/wide.ts": Buffer.from("\uFEFFexport function wide() {}\n", "utf16le"),
    });
    const outcome = await found(workspace, { paths: ["m"] });
    expect(outcome.capabilities).toEqual(
      expect.arrayContaining(["bom", "grüße", "пр", "fine", "unknown", "one", "two", "wide"]),
    );
    expect(
      outcome.notes
        .filter((note) => note.kind === "encoding")
        .map((note) => note.path)
        .sort(),
    ).toEqual(["invalid.py", "unknown.py"]);
    expect(outcome.module.broken_files_count).toBe(0);
  });

  it("stops at the limit of files and says how many it left out", async () => {
    const many = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`m/f${String(index).padStart(2, "0")}.py`, "x = 1\n"]),
    );
    const outcome = await found(await tempTree(many), { paths: ["m"] });
    expect(outcome.module).toMatchObject({ source_files_count: 60, skipped_files_count: 10 });
    expect(outcome.module.files).toHaveLength(LIMITS.maxModuleFiles);
    expect(outcome.notes).toMatchObject([{ kind: "too-many-files" }]);
  });

  it("fails where there is nothing to analyse: an empty folder, no source, only broken bytes", async () => {
    const workspace = await tempTree({
      "text/readme.md": "# hi",
      "junk/a.py": Buffer.from([0, 1, 2]),
      "one.txt": "x",
    });
    await mkdir(join(workspace, "empty"));
    expect(await failure(workspace, { paths: ["empty"] })).toBe("NothingToAnalyse");
    expect(await failure(workspace, { paths: ["text"] })).toBe("NothingToAnalyse");
    expect(await failure(workspace, { paths: ["one.txt"] })).toBe("NothingToAnalyse");
    expect(await failure(workspace, { paths: ["junk"] })).toBe("UnreadableTree");
  });

  it("leaves dependencies, caches, environments and build output aside", async () => {
    const workspace = await tempTree({
      ...GOOD,
      "m/node_modules/x/index.js": "exports.x = () => 1;",
      "m/.git/hooks/pre.py": "x = 1",
      "m/__pycache__/good.py": "x = 1",
      "m/env-of-mine/pyvenv.cfg": "",
      "m/env-of-mine/lib/x.py": "x = 1",
      "m/dist/good.js": "x = 1",
      "m/src/real.ts": "export function real() {}",
      "package/dist/index.js": "exports.shipped = function shipped() {};",
    });
    const outcome = await found(workspace, { paths: ["m"] });
    expect(outcome.module.files.map((file) => file.path)).toEqual(["good.py", "src/real.ts"]);
    expect((await found(workspace, { paths: ["package"] })).capabilities).toEqual(["shipped"]);
  });

  it("notes folders and files it may not read", async () => {
    const workspace = await tempTree({
      ...GOOD,
      "m/closed/x.py": "x = 1\n",
      "m/secret.py": "x = 1\n",
      "shut/x.py": "x = 1\n",
    });
    execFileSync("chmod", [
      "-R",
      "go-rwx",
      join(workspace, "m/closed"),
      join(workspace, "m/secret.py"),
      join(workspace, "shut"),
    ]);
    execFileSync("chmod", ["a+rx", workspace, join(workspace, "m")]);
    const asOther = process.getuid?.() === 0;
    if (asOther) process.seteuid?.(65_534);
    else
      execFileSync("chmod", [
        "-R",
        "u-rwx",
        join(workspace, "m/closed"),
        join(workspace, "m/secret.py"),
        join(workspace, "shut"),
      ]);
    try {
      const outcome = await found(workspace, { paths: ["m"] });
      expect(outcome.notes.map((note) => [note.kind, note.path]).sort()).toEqual([
        ["permission", "closed"],
        ["permission", "secret.py"],
      ]);
      expect(outcome.capabilities).toEqual(["works"]);
      expect(await failure(workspace, { paths: ["shut"] })).toBe("UnreadableTree");
    } finally {
      if (asOther) process.seteuid?.(0);
      else execFileSync("chmod", ["-R", "u+rwx", workspace]);
    }
  });

  it("notes manifests that cannot be parsed and goes on", async () => {
    const workspace = await tempTree({
      ...GOOD,
      "m/package.json": "{ not json",
      "m/pyproject.toml": "= = =",
    });
    const outcome = await found(workspace, { paths: ["m"] });
    expect(outcome.notes.map((note) => note.path)).toEqual(["m/package.json", "m/pyproject.toml"]);
  });

  it("is not led astray by names that mean something to JavaScript", async () => {
    const workspace = await tempTree({
      "__proto__/constructor.py": "def __proto__(): pass\ndef toString(): pass\n",
      "__proto__/use.js":
        "const __proto__ = 1; export { __proto__ as hasOwnProperty };\nexport function constructor() {}\n",
    });
    const outcome = await found(workspace, { module_name: "__proto__" });
    expect(outcome.capabilities).toEqual(["toString", "constructor"]);
  });

  it("reads a file that is a deep nest of brackets without harm", async () => {
    const workspace = await tempTree({
      ...GOOD,
      "m/nest.js": "[".repeat(30_000),
      "m/braces.ts": "{".repeat(30_000),
    });
    expect((await look(workspace, { paths: ["m"] })).kind).toBe("found");
  });
});
