import { describe, expect, it } from "vitest";
import { findEntry } from "../../src/registry/find-entry.ts";
import { readModules } from "../../src/registry/read-modules.ts";

const FIELD = `# registry
memory:
  module: kloros_memory
tts:
  router:
    module: tts.router
  backends:
  - name: piper
    module: tts.adapters.piper
defaults: &d
  enabled: true
config:
  <<: *d
  module: config
  auto_discovered: true
  py_files: 4
listed: {module: listed, py_files: [a.py, b.py]}
modules:
    audio:
        module: src.audio
        path: src/audio
        investigation_id: inv_audio
        capabilities:
        - a

    "on":
        module: src.on
version: 1
`;

describe("reading modules", () => {
  it("finds them in groups, lists and merges, and passes over the rest", () => {
    const read = readModules(FIELD);
    if (read.kind !== "modules") throw new Error(read.message);
    expect(read.modules.map(({ name, path }) => `${name} ${path}`)).toEqual([
      "memory kloros_memory",
      "router tts.router",
      "piper tts.adapters.piper",
      "config config",
      "listed listed",
      "audio src.audio",
      "on src.on",
    ]);
    expect(read.modules.find(({ name }) => name === "audio")).toMatchObject({
      folder: "src/audio",
      investigation_id: "inv_audio",
    });
    expect(read.modules.map(({ py_files }) => py_files)).toEqual([null, null, null, 4, 2, null, null]);
  });

  it.each(["", "# nothing\n", "null\n", "- a\n- b\n", "hello", "a: 1\n---\nb: 2\n"])(
    "finds none in %j",
    (text) => {
      expect(readModules(text)).toEqual({ kind: "modules", modules: [] });
    },
  );

  it("names the line of a syntax error, and survives nonsense", () => {
    expect(readModules("a: 1\nb: [\n")).toMatchObject({ kind: "unreadable", line: 3 });
    expect(readModules("[".repeat(50_000)).kind).toBe("unreadable");
    let bomb = "a0: &a0 [x, x, x, x, x, x, x, x]\n";
    for (let level = 1; level < 12; level++)
      bomb += `a${level}: &a${level} [${`*a${level - 1},`.repeat(8)}]\n`;
    expect(readModules(bomb).kind).toBe("unreadable");
  });
});

describe("reading one entry", () => {
  it("gives what reading all gives", () => {
    const read = readModules(FIELD);
    if (read.kind !== "modules") throw new Error(read.message);
    for (const name of ["memory", "router", "audio", "on"]) {
      const expected = read.modules.find((module) => module.name === name);
      expect(findEntry(FIELD, name, expected?.path ?? "")).toEqual(expected);
    }
  });

  it("finds nothing where name or path differ, or the entry is not a block of its own", () => {
    expect(findEntry(FIELD, "audio", "src.other")).toBeNull();
    expect(findEntry(FIELD, "dio", "src.audio")).toBeNull();
    expect(findEntry(FIELD, "nothing", "src.nothing")).toBeNull();
    expect(findEntry("a: [\n", "a", "a")).toBeNull();
  });
});
