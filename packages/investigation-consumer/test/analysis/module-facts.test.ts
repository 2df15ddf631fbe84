import { describe, expect, it } from "vitest";
import { confidenceOf } from "../../src/analysis/module/confidence.ts";
import { found, tempTree } from "../temp-tree.ts";

describe("what is said of a module", () => {
  it("describes a Python package: capabilities, imports, entry points, tests, importers", async () => {
    const workspace = await tempTree({
      "pyproject.toml": '[project.scripts]\nplay = "audio.cli:main"\nother = "else.where:main"\n',
      "src/audio/__init__.py":
        '"""Plays sounds.\n\nAnd more."""\nfrom .stream import Stream\n__all__ = ["Stream", "version"]\ndef version(): ...\ndef helper(): ...\n',
      "src/audio/stream.py":
        "import os, numpy.linalg\nfrom . import cli\nfrom tools import clock\nclass Stream:\n    def play(self): ...\ndef open_stream(): ...\ndef _private(): ...\n",
      "src/audio/cli.py": '#!/usr/bin/env python3\ndef main(): ...\nif __name__ == "__main__":\n    main()\n',
      "src/audio/tests/test_stream.py": "def test_it(): ...\nclass TestMore:\n    def test_a(self): ...\n",
      "src/tools/clock.py": "from audio.stream import Stream\n",
      "app.py": "import src.audio\n",
      "tests/test_all.py": "def f():\n    from src.audio import (\n        Stream,\n    )\n",
      "src/sibling.py": "from .audio import version\n",
      "unrelated.py": "import audio_other\n",
    });
    const outcome = await found(workspace, { paths: ["src/audio"] });
    expect(outcome.capabilities).toEqual(["version", "main", "Stream", "open_stream"]);
    expect(outcome.module).toMatchObject({
      description: "Plays sounds.",
      has_init: true,
      language: "python",
      py_files_count: 4,
      source_files_count: 4,
      dependencies: ["numpy"],
      tests: [{ path: "tests/test_stream.py", cases: 2 }],
    });
    expect(outcome.module.entry_points.map((point) => [point.kind, point.target])).toEqual([
      ["console-script", "audio.cli:main"],
      ["main-guard", "cli.py"],
      ["shebang", "cli.py"],
    ]);
    const stream = outcome.module.files.find((file) => file.path === "stream.py");
    expect(stream?.imports.map((each) => [each.specifier, each.origin])).toEqual([
      ["os", "standard"],
      ["numpy.linalg", "external"],
      [".", "internal"],
      ["tools", "internal"],
    ]);
    expect(outcome.integration_points).toEqual([
      { path: "app.py", line: 1, imports: [], test: false },
      { path: "src/sibling.py", line: 1, imports: ["version"], test: false },
      { path: "src/tools/clock.py", line: 1, imports: ["Stream"], test: false },
      { path: "tests/test_all.py", line: 2, imports: ["Stream"], test: true },
    ]);
    expect(outcome.confidence).toBe(1);
  });

  it("describes an npm package: exports, bins, types beside their implementation, importers by name", async () => {
    const workspace = await tempTree({
      "packages/store/package.json": JSON.stringify({
        name: "@acme/store",
        bin: { store: "./cli.js" },
        exports: { ".": { import: "./index.js" } },
      }),
      "packages/store/index.js":
        'export { open as openStore } from "./open.js";\nexport * from "./shelf.js";\n',
      "packages/store/open.js":
        'import fs from "node:fs";\nimport x from "left-pad/sub";\nimport "@acme/store/shelf";\n/** Opens it.\n * @param p path */\nexport async function open(p) {}\nfunction hidden() {}\n',
      "packages/store/shelf.js": "export class Shelf {}\nexport default () => 1;\nexport const limit = 3;\n",
      "packages/store/shelf.d.ts": "export declare class Shelf {}\nexport interface Box {}\n",
      "packages/store/shelf.test.js":
        'import { Shelf } from "./shelf.js";\ntest("a", () => {});\nit("b", () => {});\n',
      "packages/store/old.cjs": "exports.legacy = function () {};\nmodule.exports.named = class Named {};\n",
      "app/main.ts":
        'import { openStore } from "@acme/store";\nconst y = await import("../packages/store/shelf.js");\n',
      "app/other.ts": 'import z from "@acme/storefront";\n',
    });
    const outcome = await found(workspace, { module_name: "store" });
    expect(outcome.capabilities).toEqual(["legacy", "named", "open", "Shelf", "shelf"]);
    expect(outcome.module).toMatchObject({
      package_name: "@acme/store",
      language: "javascript",
      has_init: false,
      dependencies: ["left-pad"],
      tests: [{ path: "shelf.test.js", cases: 2 }],
    });
    expect(outcome.module.entry_points.map((point) => [point.kind, point.name, point.target])).toEqual([
      ["bin", "store", "./cli.js"],
      ["package-export", ".", "./index.js"],
    ]);
    const open = outcome.module.files.find((file) => file.path === "open.js");
    expect(open?.functions[0]).toMatchObject({
      signature: "async function open(p)",
      doc: "Opens it.",
      async: true,
    });
    expect(outcome.integration_points).toEqual([
      { path: "app/main.ts", line: 1, imports: ["openStore"], test: false },
    ]);
  });

  it("describes a single file", async () => {
    const workspace = await tempTree({
      "lib/clock.py": '"""Tells the time."""\nclass Clock: ...\n',
      "lib/user.py": "from lib.clock import Clock\n",
    });
    const outcome = await found(workspace, { paths: ["lib/clock.py"] });
    expect(outcome.module).toMatchObject({
      name: "clock",
      kind: "file",
      import_path: "lib.clock",
      has_init: false,
      description: "Tells the time.",
    });
    expect(outcome.integration_points.map((point) => point.path)).toEqual(["lib/user.py"]);
  });

  it("calls a module of both languages mixed, and offers the top-level names of scripts that export nothing", async () => {
    const workspace = await tempTree({
      "m/a.py": "def a(): ...\n",
      "m/b.js": "function b() {}\nvar c = () => 1;\n",
    });
    const outcome = await found(workspace, { paths: ["m"] });
    expect(outcome.module.language).toBe("mixed");
    expect(outcome.capabilities).toEqual(["a", "b", "c"]);
  });

  it("analyses the workspace itself when asked to", async () => {
    const outcome = await found(await tempTree({ "index.ts": "export function f() {}\n" }), { paths: ["."] });
    expect(outcome.module).toMatchObject({ relative_path: ".", import_path: "" });
  });
});

describe("confidence", () => {
  const all = {
    sourceFiles: 4,
    cleanFiles: 4,
    definitions: 9,
    capabilities: 3,
    hasDoc: true,
    hasTests: true,
    hasImporters: true,
    hasFrontDoor: true,
    examinedShare: 1,
  };

  it("is 1 where nothing is missing and falls with every part that is", () => {
    expect(confidenceOf(all)).toBe(1);
    for (const less of [
      { cleanFiles: 3 },
      { definitions: 1 },
      { capabilities: 0 },
      { hasDoc: false },
      { hasTests: false },
      { hasImporters: false },
      { hasFrontDoor: false },
      { examinedShare: 0.5 },
    ]) {
      expect(confidenceOf({ ...all, ...less })).toBeLessThan(1);
    }
  });

  it("is 0 where nothing could be parsed", () => {
    expect(confidenceOf({ ...all, cleanFiles: 0, definitions: 0 })).toBe(0);
    expect(confidenceOf({ ...all, sourceFiles: 0 })).toBe(0);
  });
});
